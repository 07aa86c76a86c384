// Who may reach the control plane over TCP, and where, as the configuration says. Thread safety: a pure function but for
// the files of the tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "admin/operators.hpp"
#include "base/result.hpp"
#include "config/snapshot.hpp"
#include "http/tls_context.hpp"

namespace revenge::app {

struct ControlAccess {
  std::string address = {};  // empty: the Unix socket alone
  std::uint16_t port = 0;
  std::optional<http::ServerTlsFiles> tls = {};
  admin::Operators operators = admin::Operators();
};

// Refused: an address that is not of the loopback without TLS, for a token would cross the network in the clear; a
// listener that nobody could be let in to; a token that is missing, short or the same as another; half of what TLS
// needs. Messages name the key and never the token.
base::Result<ControlAccess> controlAccess(const config::Snapshot& values);

}  // namespace revenge::app
