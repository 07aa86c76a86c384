#include "flags/bucketing.hpp"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::flags {
namespace {

using testing::ElementsAre;

TEST(Bucketing, HashesAsPublished) {
  EXPECT_EQ(murmur3(""), 0U);
  // F2
  EXPECT_EQ(murmur3("ejOoVL"), 0U);
  EXPECT_EQ(murmur3("bY9fO-"), 1U);
  EXPECT_EQ(murmur3("SI7p-"), 0x7fffffffU);
  EXPECT_EQ(murmur3("6LvT0"), 0x80000000U);
  EXPECT_EQ(murmur3("ceQdGm"), 0xffffffffU);
}

TEST(Bucketing, F5_EachUserHasThePlaceThatOtherImplementationsGive) {
  const auto hash = [](std::string_view user) { return murmur3(std::string("new-player").append(user)); };
  EXPECT_EQ(hash("alice"), 0x1dc6c93fU);
  EXPECT_EQ(hash("bob"), 0x0dfa69e2U);
  EXPECT_EQ(hash("carol"), 0xaeebbbd7U);
  EXPECT_EQ(hash("dave"), 0xa2b1c4efU);
  EXPECT_EQ(hash("erin"), 0xb83f2e06U);

  struct First {
    std::string_view user;
    std::uint32_t share;
  };
  for (const First& first : std::vector<First>{
           {"alice", 11'632}, {"bob", 5'461}, {"carol", 68'329}, {"dave", 63'553}, {"erin", 71'972}}) {
    EXPECT_FALSE(isInShare(hash(first.user), first.share - 1)) << first.user;
    EXPECT_TRUE(isInShare(hash(first.user), first.share)) << first.user;
  }
}

TEST(Bucketing, AHashInPiecesIsTheHashOfTheWhole) {
  const std::string text = "a text of twenty-nine letters";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      Murmur3 hash;
      hash.add(std::string_view(text).substr(0, first));
      hash.add(std::string_view(text).substr(first, second - first));
      hash.add(std::string_view(text).substr(second));
      ASSERT_EQ(hash.ended(), murmur3(text)) << first << ", " << second;
    }
  }
}

TEST(Bucketing, NobodyAndEverybodyAreExact) {
  EXPECT_FALSE(isInShare(0, 0));
  EXPECT_TRUE(isInShare(0, 1));
  EXPECT_FALSE(isInShare(0xffffffff, kEverybody - 1));
  EXPECT_TRUE(isInShare(0xffffffff, kEverybody));
}

TEST(Bucketing, F2_HalvesMeetInTheMiddle) {
  std::vector<bool> isUpper;
  for (const char* user : {"ejOoVL", "bY9fO-", "SI7p-", "6LvT0", "ceQdGm"})
    isUpper.push_back(stepOf(murmur3(user), 100) >= 50);
  EXPECT_THAT(isUpper, ElementsAre(false, false, false, true, true));
}

}  // namespace
}  // namespace revenge::flags
