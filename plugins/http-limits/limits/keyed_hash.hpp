// SipHash-2-4 with 128 bits (Aumasson, Bernstein: SipHash, 2012; the reference code's 128-bit variant): what stands for an
// API key wherever one is kept or shown. Keyed by a secret of the process, so that a hash in a log cannot be tried against a
// list of keys, and a client cannot choose keys that collide. Thread safety: pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace revenge::http_limits {

struct HashSecret {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

struct KeyedHash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  auto operator<=>(const KeyedHash&) const = default;
};

KeyedHash keyedHash(std::string_view text, const HashSecret& secret);

}  // namespace revenge::http_limits
