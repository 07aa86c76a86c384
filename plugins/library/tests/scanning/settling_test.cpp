// Ids, signatures, and files that are still being written.
#include <set>

#include "catalogue/id.hpp"
#include "scan/signature.hpp"
#include "scan/unsettled.hpp"
#include "tests/scanning/tree.hpp"

namespace library {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

disk::MediaFile fileOf(std::string name, std::uint64_t bytes, std::int64_t modified_ms) {
  return {std::move(name), naming::Kind::kVideo, bytes, modified_ms * kMillion, 1, 7};
}

TEST(IdMaker, MakesIdsInOrderAlsoWithinAMillisecondAndWhenTheClockGoesBack) {
  IdMaker maker(1);
  Id last;
  std::set<Id> all;
  for (int i = 0; i < 10'000; ++i) {
    const Id id = maker.id(i < 9'000 ? 1'700'000'000'000 : 1'600'000'000'000);
    EXPECT_GT(id, last);
    all.insert(id);
    last = id;
  }
  EXPECT_EQ(all.size(), 10'000U);
}

TEST(IdMaker, TwoMakersNeverAgree) {
  IdMaker one(1);
  IdMaker other(2);
  EXPECT_NE(one.id(1'700'000'000'000), other.id(1'700'000'000'000));
}

TEST(Id, IsReadAsItIsWritten) {
  IdMaker maker(3);
  const Id id = maker.id(1'700'000'000'000);
  const std::string written = text(id);
  EXPECT_EQ(written.size(), 36U);
  EXPECT_EQ(written[14], '7');
  EXPECT_EQ(parseId(written), id);
  EXPECT_EQ(idOf(bytesOf(id)), id);
  for (const char* wrong : {"", "0193d3f2", "0193d3f2-7c1a-7b5e-9d3a-2f4c6e8a0b1",
                            "0193d3f2-7c1a-7b5e-9d3a-2f4c6e8a0b1g", "0193d3f2x7c1a-7b5e-9d3a-2f4c6e8a0b1c"})
    EXPECT_EQ(parseId(wrong), std::nullopt) << wrong;
}

TEST(Signature, DependsOnTheFilesAndNotOnTheirOrder) {
  const auto a = fileOf("a.mkv", 1, 1);
  const auto b = fileOf("b.mkv", 2, 2);
  const Signature both = signatureOf(std::vector{a, b});
  EXPECT_EQ(both, signatureOf(std::vector{b, a}));
  EXPECT_NE(both, signatureOf(std::vector{a}));
  EXPECT_NE(both, signatureOf(std::vector{a, fileOf("b.mkv", 3, 2)}));
  EXPECT_NE(both, signatureOf(std::vector{a, fileOf("b.mkv", 2, 3)}));
  EXPECT_NE(both, signatureOf(std::vector{a, fileOf("c.mkv", 2, 2)}));
  EXPECT_NE(both, signatureOf(std::vector{a, a}));
  EXPECT_EQ(signatureOf({}), Signature());
}

TEST(Unsettled, WaitsUntilAFileStandsStill) {
  Unsettled unsettled;
  const std::int64_t now = 1'000'000;
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 10, now - 1000), now));
  EXPECT_EQ(unsettled.nextLook(now), now - 1000 + Unsettled::kQuietMs);
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 20, now + 4000), now + 5000));
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 20, now + 4000), now + 13'000));
  EXPECT_FALSE(unsettled.holds("/a", fileOf("a", 20, now + 4000), now + 15'001));
  EXPECT_EQ(unsettled.nextLook(now + 15'001), 0);
}

TEST(Unsettled, TakesWhatIsOldOrClosedAtOnce) {
  Unsettled unsettled;
  const std::int64_t now = 1'000'000;
  EXPECT_FALSE(unsettled.holds("/old", fileOf("old", 10, now - Unsettled::kQuietMs), now));
  unsettled.closed("/new");
  EXPECT_FALSE(unsettled.holds("/new", fileOf("new", 10, now), now));
  unsettled.nextLook(now);
  EXPECT_TRUE(unsettled.holds("/new", fileOf("new", 11, now), now));  // written again since
}

TEST(Unsettled, WaitsForFilesFromTheFutureByTheirSize) {
  Unsettled unsettled;
  const std::int64_t now = 1'000'000;
  const std::int64_t future = now + 1'000'000;
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 10, future), now));
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 11, future), now + 9000));
  EXPECT_TRUE(unsettled.holds("/a", fileOf("a", 11, future), now + 11'000));
  EXPECT_FALSE(unsettled.holds("/a", fileOf("a", 11, future), now + 19'000));
}

TEST(Unsettled, ForgetsWhatNobodyAsksAbout) {
  Unsettled unsettled;
  const std::int64_t now = 1'000'000;
  EXPECT_TRUE(unsettled.holds("/gone", fileOf("gone", 10, now), now));
  unsettled.nextLook(now + 100 * Unsettled::kQuietMs);
  EXPECT_EQ(unsettled.count(), 0U);
}

}  // namespace
}  // namespace library
