// KeyHash: what stands for a key's text in a table of this process and in what it hands to its successor: 128 bits by
// <revenge/keyed_hash.hpp>, low for the place in a table, high for the table. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include <revenge/keyed_hash.hpp>

namespace revenge::resilience {

using HashSeed = HashSecret;

struct KeyHash {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
};

KeyHash hashOf(std::string_view key, const HashSeed& seed) noexcept;

}  // namespace revenge::resilience
