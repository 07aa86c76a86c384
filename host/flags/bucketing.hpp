// Bucketing version 1: in which part of all users somebody falls. MurmurHash3 x86 32 (Austin Appleby, public domain)
// with seed 0 over the UTF-8 bytes of flag key, salt and user key, one after the other; the integer formulas are those
// of flagd's fractional operator since 2026. Whoever changes one moves every user and writes version 2.
// Thread safety: plain values and pure functions; nothing allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace revenge::flags {

// A hash begun with one text and ended with another, as if the two stood in one: the flag's part is hashed once, when
// the flag is read.
class Murmur3 {
 public:
  void add(std::string_view bytes);
  std::uint32_t ended() const;

 private:
  std::uint32_t state_ = 0;
  std::uint32_t length_ = 0;
  // The length_ % 4 bytes that fill no block yet, first one lowest. One word, never bytes: a word that is read where bytes
  // were just written waits for them, longer than all the rest takes.
  std::uint32_t tail_ = 0;
};

std::uint32_t murmur3(std::string_view bytes);

// A share of all users in thousandths of a percent: 0 is nobody, 100'000 everybody. Sets grow with it: who is in at
// 10 % is in at 11 %.
inline constexpr std::uint32_t kEverybody = 100'000;
constexpr bool isInShare(std::uint32_t hash, std::uint32_t share) {
  return std::uint64_t{hash} * kEverybody >> 32 < share;
}

// Where the hash falls on a line of `total` steps. Requires: total > 0.
constexpr std::uint32_t stepOf(std::uint32_t hash, std::uint32_t total) {
  return static_cast<std::uint32_t>(std::uint64_t{hash} * total >> 32);
}

}  // namespace revenge::flags
