// What the operator may ask: `revengectl run http-limits COMMAND`. Thread safety: any thread.
#pragma once

#include <string>

#include <revenge/plugin.hpp>

#include "wiring/gatekeeper.hpp"

namespace revenge::http_limits {

// A request as an operator describes it.
struct Described {
  std::string path;
  std::string method = "GET";
  std::string address = "127.0.0.1";  // of the peer
  std::string user;
  std::string api_key;
  std::string forwarded;  // the value of the field that trust.field names
};
REVENGE_CONFIG(Described, path, method, address, user, api_key, forwarded)

class OperatorCommands {
 public:
  // Both outlive it.
  OperatorCommands(Host& host, Gatekeeper& gatekeeper);

 private:
  Result<std::string> explain(const Described& described) const;
  std::string list() const;

  Gatekeeper& gatekeeper_;
};

}  // namespace revenge::http_limits
