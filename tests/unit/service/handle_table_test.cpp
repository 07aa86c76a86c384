#include "service/handle_table.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace revenge::service {
namespace {

const InstanceRef kOne{1, 1};
const InstanceRef kTwo{2, 1};

TEST(HandleTable, FindsWhatItKeepsAndWhoseItIs) {
  HandleTable<std::string> table(1);
  const auto handle = table.add(kOne, "timer");
  EXPECT_EQ(table.find(handle)->value, "timer");
  EXPECT_EQ(table.find(handle)->owner, kOne);
  EXPECT_EQ(table.find(handle, kOne), "timer");
  EXPECT_EQ(table.find(handle, kTwo), std::nullopt);
}

TEST(HandleTable, RefusesNoneMadeUpAndForeignHandles) {
  HandleTable<std::string> timers(1);
  HandleTable<std::string> responders(2);
  const auto handle = timers.add(kOne, "timer");
  responders.add(kOne, "responder");
  EXPECT_NE(handle, 0U);
  EXPECT_FALSE(timers.find(0));
  EXPECT_FALSE(timers.find(handle + 1));
  EXPECT_FALSE(timers.find(~std::uint64_t{0}));
  EXPECT_FALSE(responders.find(handle));
}

TEST(HandleTable, RefusesAStaleHandleAfterItsPlaceIsTakenAgain) {
  HandleTable<std::string> table(1);
  const auto old = table.add(kOne, "old");
  EXPECT_EQ(table.take(old)->value, "old");
  EXPECT_FALSE(table.take(old));
  const auto next = table.add(kTwo, "next");
  EXPECT_FALSE(table.find(old));
  EXPECT_EQ(table.find(next)->value, "next");
  EXPECT_EQ(table.size(), 1U);
}

TEST(HandleTable, LetsOnlyTheOwnerTake) {
  HandleTable<std::unique_ptr<int>> table(1);
  const auto handle = table.add(kOne, std::make_unique<int>(7));
  EXPECT_FALSE(table.take(handle, kTwo));
  EXPECT_EQ(*table.take(handle, kOne)->value, 7);
}

TEST(HandleTable, WithdrawsAllThatOneInstanceLeftAndNothingElse) {
  HandleTable<std::string> table(1);
  table.add(kOne, "a");
  const auto kept = table.add(kTwo, "b");
  table.add(kOne, "c");
  EXPECT_EQ(table.count(kOne), 2U);
  const auto left = table.withdraw(kOne);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].value + left[1].value, "ac");
  EXPECT_EQ(table.count(kOne), 0U);
  EXPECT_EQ(table.find(kept)->value, "b");
  EXPECT_TRUE(table.withdraw(kOne).empty());
}

TEST(HandleTable, KeepsAnOwnerToItsLimit) {
  HandleTable<int> table(1);
  EXPECT_NE(table.add(kOne, 1, 2), 0U);
  const auto second = table.add(kOne, 2, 2);
  EXPECT_EQ(table.add(kOne, 3, 2), 0U);
  EXPECT_NE(table.add(kTwo, 3, 2), 0U);
  table.take(second);
  EXPECT_NE(table.add(kOne, 3, 2), 0U);
}

TEST(HandleTable, ChangesAThingInPlace) {
  HandleTable<int> table(1);
  const auto handle = table.add(kOne, 1);
  EXPECT_TRUE(table.update(handle, [](int& value) { value = 2; }));
  EXPECT_EQ(table.find(handle)->value, 2);
  table.take(handle);
  EXPECT_FALSE(table.update(handle, [](int& value) { value = 3; }));
}

}  // namespace
}  // namespace revenge::service
