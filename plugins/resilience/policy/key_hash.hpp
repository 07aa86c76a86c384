// KeyHash: a keyed hash of 128 bits that stands for a key's text. The seed is random and secret, so nobody can choose two keys
// that meet; by chance two of 100 000 do with a probability below 10^-28. Thread safety: pure functions.
// Algorithm: SipHash-1-3 with 128 bits of output (Aumasson, Bernstein: SipHash, a fast short-input PRF).
#pragma once

#include <cstdint>
#include <string_view>

namespace revenge::resilience {

struct HashSeed {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  static HashSeed random();
};

struct KeyHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
};

KeyHash hashOf(std::string_view key, const HashSeed& seed) noexcept;

}  // namespace revenge::resilience
