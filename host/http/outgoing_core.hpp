// What everything that goes out shares. Shared ownership: what is under way on a loop may end after the Outgoing. Thread
// safety: members say their own.
#pragma once

#include "http/aside.hpp"
#include "http/client_tls.hpp"
#include "http/outgoing.hpp"

namespace revenge::http {

struct OutgoingCore {
  OutgoingCore(Outgoing::Parts given, OutgoingOptions chosen) : parts(given), options(std::move(chosen)) {}

  const Outgoing::Parts parts;
  const OutgoingOptions options;
  const std::shared_ptr<ClientTls> tls =
      std::make_shared<ClientTls>();  // shared with look-ups that outlive this
  Aside aside;
};

}  // namespace revenge::http
