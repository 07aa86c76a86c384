// One request to the host's control plane and its answer: blocking, bounded in time and size. Thread safety: confined to
// one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "revengectl/place.hpp"

namespace revenge::ctl {

struct Answer {
  int status = 0;
  std::string body;  // empty where lines were handed on
};

enum class Patience {
  kAnswer,  // the timeout covers the whole answer
  kHead,    // the timeout ends when the answer begins: for streams without an end
};

struct Request {
  std::string method;
  std::string target;
  std::string body = {};                           // JSON, of a POST
  std::optional<std::filesystem::path> file = {};  // what is sent in place of the body
  Patience patience = Patience::kAnswer;
  std::optional<base::Duration> timeout = {};  // none: the client's
  // Each line of a successful answer as it arrives, without its end; empty: the body is gathered.
  std::function<void(std::string_view line)> line = {};
};

class Client {
 public:
  // `clock` outlives this object.
  Client(const base::Clock& clock, Place place, base::Duration timeout)
      : clock_(clock), place_(std::move(place)), timeout_(timeout) {}

  // Errors: kUnavailable (nobody answers there), kTimedOut, kInvalid (what answers is no host), kIo, kLimit.
  base::Result<Answer> ask(const Request& request) const;

 private:
  const base::Clock& clock_;
  const Place place_;
  const base::Duration timeout_;
};

}  // namespace revenge::ctl
