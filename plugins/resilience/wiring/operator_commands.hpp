// What the operator may ask of the policies and do with them: `revengectl run resilience COMMAND`. Thread safety: any thread.
#pragma once

#include <revenge/plugin.hpp>

#include "wiring/policies.hpp"

namespace revenge::resilience {

class OperatorCommands {
 public:
  // Both outlive it.
  OperatorCommands(Host& host, const Policies& policies);

 private:
  Result<std::string> list() const;
  Result<std::string> setMode(const std::string& policy, Mode mode, const std::string& reason) const;
  Result<std::string> reset(const std::string& policy) const;
  Moment now() const { return Moment(clock_.now().time_since_epoch()); }

  const Policies& policies_;
  const Clock clock_;
};

}  // namespace revenge::resilience
