#include "limits/keyed_hash.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace revenge::http_limits {
namespace {

struct State {
  std::uint64_t v0;
  std::uint64_t v1;
  std::uint64_t v2;
  std::uint64_t v3;

  void rounds(int count) {
    for (; count > 0; --count) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  std::uint64_t folded() const { return v0 ^ v1 ^ v2 ^ v3; }
};

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

}  // namespace

KeyedHash keyedHash(std::string_view text, const HashSecret& secret) {
  State state{secret.first ^ 0x736f6d6570736575ULL, secret.second ^ 0x646f72616e646f6dULL ^ 0xee,
              secret.first ^ 0x6c7967656e657261ULL, secret.second ^ 0x7465646279746573ULL};
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    state.take(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
  for (std::size_t i = at; i < text.size(); ++i)
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * (i - at));
  state.take(last);
  state.v2 ^= 0xee;
  state.rounds(4);
  KeyedHash hash{.first = state.folded()};
  state.v1 ^= 0xdd;
  state.rounds(4);
  hash.second = state.folded();
  return hash;
}

}  // namespace revenge::http_limits
