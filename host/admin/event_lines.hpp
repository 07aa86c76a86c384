// The host's events as lines of JSON, the kept ones or those to come. Thread safety: called by workers, each with its own
// exchange.
#pragma once

#include <cstdint>

#include <revenge/abi/base.h>

#include "http/exchange.hpp"
#include "observe/events.hpp"

namespace revenge::admin {

// Answers with what is kept from event `from` on.
revenge_status answerEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from);

// The same, and then each event as it happens, until the client leaves or the server ends. A client that reads too
// slowly is told how many events it missed. `events` outlives the server.
revenge_status followEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from);

}  // namespace revenge::admin
