#include "key_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace revenge::resilience {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
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
  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
  std::uint64_t finish() noexcept {
    for (int i = 0; i < 3; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

HashSeed HashSeed::random() {
  std::random_device device;
  const auto word = [&] { return std::uint64_t{device()} << 32U | device(); };
  const std::uint64_t first = word();
  return {first, word()};
}

KeyHash hashOf(std::string_view key, const HashSeed& seed) noexcept {
  State state{seed.first ^ 0x736F6D6570736575U, seed.second ^ 0x646F72616E646F6DU ^ 0xEEU,
              seed.first ^ 0x6C7967656E657261U, seed.second ^ 0x7465646279746573U};
  std::size_t at = 0;
  for (; at + 8 <= key.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + at, 8);
    state.take(word);
  }
  std::uint64_t last = 0;
  if (at < key.size()) std::memcpy(&last, key.data() + at, key.size() - at);
  state.take(last | std::uint64_t{key.size()} << 56U);
  state.v2 ^= 0xEEU;
  const std::uint64_t low = state.finish();
  state.v1 ^= 0xDDU;
  return {low, state.finish()};
}

}  // namespace revenge::resilience
