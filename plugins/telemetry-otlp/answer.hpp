// What a receiver answers, read: how many items it refused, and what it says. Bytes from outside: whatever they are,
// reading them ends, and what is not understood is nothing. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "encode.hpp"

namespace telemetry_otlp {

struct Partial {
  std::uint64_t rejected = 0;
  std::string message;

  bool operator==(const Partial&) const = default;
};

inline constexpr std::size_t kMaxMessage = 400;  // kept of a receiver's text

// Of a 200: Export*ServiceResponse. `rejected` under whichever of the three names.
Partial readPartial(Encoding encoding, std::string_view body);
// Of an error: the message of google.rpc.Status.
std::string readStatus(Encoding encoding, std::string_view body);

// Of a Retry-After: seconds, or the moment of an HTTP date less `now_s` (since 1970). Negative: neither.
std::int64_t readRetryAfter(std::string_view field, std::int64_t now_s);

}  // namespace telemetry_otlp
