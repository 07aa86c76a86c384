#include "policy/key_hash.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

TEST(KeyHash, EveryByteAndTheLengthCount) {
  const HashSeed seed{1, 2};
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (std::size_t length = 0; length <= 40; ++length) {
    std::string key(length, '\0');
    const auto add = [&] {
      const KeyHash hash = hashOf(key, seed);
      return seen.emplace(hash.low, hash.high).second;
    };
    EXPECT_TRUE(add());
    for (std::size_t i = 0; i < length; ++i) {
      key[i] = 'x';
      EXPECT_TRUE(add()) << length << ' ' << i;
      key[i] = '\0';
    }
  }
}

TEST(KeyHash, AnotherSeedIsAnotherHash) {
  EXPECT_NE(hashOf("user:1", {1, 2}), hashOf("user:1", {1, 3}));
  EXPECT_NE(hashOf("user:1", {1, 2}), hashOf("user:1", {2, 2}));
  EXPECT_EQ(hashOf("user:1", {1, 2}), hashOf(std::string("user:") + "1", {1, 2}));
}

TEST(KeyHash, ABitOfTheKeyChangesHalfOfTheHash) {
  const HashSeed seed{0x0706050403020100U, 0x0F0E0D0C0B0A0908U};
  int changed = 0;
  for (unsigned char c = 0; c < 100; ++c) {
    const std::string one{'k', static_cast<char>(c)};
    const std::string other{'k', static_cast<char>(c ^ 1U)};
    const KeyHash a = hashOf(one, seed);
    const KeyHash b = hashOf(other, seed);
    changed += __builtin_popcountll(a.low ^ b.low) + __builtin_popcountll(a.high ^ b.high);
  }
  EXPECT_NEAR(changed / 100.0, 64, 3);
}

}  // namespace
}  // namespace revenge::resilience
