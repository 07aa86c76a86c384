// The work of a call ends when nobody waits for it. Borrows the call.
#pragma once

#include <revenge/call.hpp>

#include "connection.hpp"

namespace database {

class CallLimit final : public Limit {
 public:
  CallLimit(Instant deadline, revenge::Call call) : Limit(deadline), call_(call) {}
  bool isGivenUp() const override {
    return call_.cancelled() && call_.check().error().code == Errc::kCancelled;
  }

 private:
  revenge::Call call_;
};

}  // namespace database
