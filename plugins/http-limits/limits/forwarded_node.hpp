// One hop as a proxy names it: "203.0.113.7:4711", "[2001:db8::1]:4711", "2001:db8::1", "unknown", "_hidden". Thread safety:
// pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "limits/address.hpp"

namespace revenge::http_limits {

struct Hop {
  enum class Kind {
    kAddress,
    kObscured,  // a proxy that keeps it to itself, by a name or none
    kMalformed,
  };
  Kind kind = Kind::kMalformed;
  Address address;
};

// An element of X-Forwarded-For, without the spaces around it. IPv6 stands there with brackets or without.
Hop readForwardedFor(std::string_view element);

// An element of Forwarded (RFC 7239, section 4): the node of its "for". Without one the proxy has not said whom it speaks
// for. Looser than the RFC in what proxies do write: spaces around ";", and an address with a port left unquoted.
Hop readForwarded(std::string_view element);

// The last element of a list of fields, which is cut off it with its comma. Quoted strings hide their commas.
// Rationale: a trusted proxy has appended the end, a stranger may have written the beginning. Read from the end, a quote
// that the stranger left open cannot swallow what the proxy wrote.
enum class Quoting { kNone, kQuotedStrings };
std::string_view takeLastElement(std::string_view& list, Quoting quoting);

}  // namespace revenge::http_limits
