#include "store_map.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "directory_lock.hpp"

namespace store {
namespace {

struct StoreMapTest : ::testing::Test {
  StoreMap map;
};

TEST_F(StoreMapTest, AnswersWhatWasPutLast) {
  EXPECT_EQ(map.get("a"), std::nullopt);
  ASSERT_TRUE(map.put("a", "1"));
  ASSERT_TRUE(map.put("a", "2"));
  EXPECT_EQ(map.get("a"), "2");
  EXPECT_EQ(map.size(), 1U);
}

TEST_F(StoreMapTest, RefusesKeysThatWouldBreakALine) {
  for (const std::string_view key : {"", "a=b", "a\nb"}) {
    EXPECT_EQ(map.put(key, "1").error().why, Why::kInvalid) << key;
    EXPECT_EQ(map.add(key, 1).error().why, Why::kInvalid) << key;
  }
  EXPECT_EQ(map.size(), 0U);
}

TEST_F(StoreMapTest, RemovesOnce) {
  ASSERT_TRUE(map.put("a", "1"));
  EXPECT_TRUE(map.remove("a"));
  EXPECT_EQ(map.remove("a").error().why, Why::kNotFound);
}

TEST_F(StoreMapTest, CountsFromNothingAndFromText) {
  EXPECT_EQ(map.add("n", 5), 5);
  EXPECT_EQ(map.add("n", -7), -2);
  EXPECT_EQ(map.get("n"), "-2");
  ASSERT_TRUE(map.put("n", "40"));
  EXPECT_EQ(map.add("n", 2), 42);
}

TEST_F(StoreMapTest, RefusesToCountWhatIsNoNumberOrLeaves64Bits) {
  ASSERT_TRUE(map.put("word", "1x"));
  ASSERT_TRUE(map.put("last", "9223372036854775807"));
  EXPECT_EQ(map.add("word", 1).error().why, Why::kInvalid);
  EXPECT_EQ(map.add("last", 1).error().why, Why::kLimit);
  EXPECT_EQ(map.get("last"), "9223372036854775807");
}

TEST_F(StoreMapTest, PutsAllOrNothing) {
  EXPECT_FALSE(map.putAll({{"a", "1"}, {"b=", "2"}}));
  EXPECT_EQ(map.size(), 0U);
  EXPECT_TRUE(map.putAll({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(map.size(), 2U);
}

TEST_F(StoreMapTest, ReadsARangeInOrderPieceByPiece) {
  for (const char* key : {"d", "b", "a", "c"}) ASSERT_TRUE(map.put(key, key));
  const Batch first = map.read("a", "d", 2);
  EXPECT_EQ(first.lines, "a=a\nb=b\n");
  EXPECT_EQ(first.next, "c");
  const Batch rest = map.read(first.next, "d", 2);
  EXPECT_EQ(rest.lines, "c=c\n");
  EXPECT_EQ(rest.next, "");
  EXPECT_EQ(map.read("c", "", 9).lines, "c=c\nd=d\n");
}

TEST_F(StoreMapTest, FindsTheSubscribersOfAKey) {
  ASSERT_TRUE(map.subscribe({1, "a/", 10}));
  ASSERT_TRUE(map.subscribe({2, "", 20}));
  EXPECT_EQ(map.subscribersOf("a/b").size(), 2U);
  ASSERT_EQ(map.subscribersOf("b").size(), 1U);
  EXPECT_EQ(map.subscribersOf("b").front().callback, 20U);
  EXPECT_TRUE(map.unsubscribe(2));
  EXPECT_EQ(map.unsubscribe(2).error().why, Why::kNotFound);
  EXPECT_EQ(map.subscriptions(), 1U);
}

TEST_F(StoreMapTest, AsksTheLoaderOfTheLongestPrefix) {
  ASSERT_TRUE(map.setLoader("a", 1));
  ASSERT_TRUE(map.setLoader("a/b", 2));
  EXPECT_EQ(map.loaderFor("a/bc"), 2U);
  EXPECT_EQ(map.loaderFor("a/c"), 1U);
  EXPECT_EQ(map.loaderFor("b"), 0U);
  map.forgetLoader(2);
  EXPECT_EQ(map.loaderFor("a/bc"), 1U);
  ASSERT_TRUE(map.setLoader("a", 0));
  EXPECT_EQ(map.loaderFor("a/bc"), 0U);
}

TEST_F(StoreMapTest, SealedItRefusesEveryChangeAndStillAnswers) {
  ASSERT_TRUE(map.put("a", "1"));
  map.seal();
  EXPECT_EQ(map.put("a", "2").error().why, Why::kSealed);
  EXPECT_EQ(map.remove("a").error().why, Why::kSealed);
  EXPECT_EQ(map.add("n", 1).error().why, Why::kSealed);
  EXPECT_EQ(map.subscribe({1, "", 1}).error().why, Why::kSealed);
  EXPECT_EQ(map.unsubscribe(1).error().why, Why::kSealed);
  EXPECT_EQ(map.setLoader("", 1).error().why, Why::kSealed);
  EXPECT_EQ(map.get("a"), "1");
  map.unseal();
  EXPECT_TRUE(map.put("a", "2"));
}

TEST_F(StoreMapTest, RestoresWhatWasSealed) {
  const std::string bytes("1:k\n=e\0s", 8);
  ASSERT_TRUE(map.put("a", bytes));
  ASSERT_TRUE(map.add("n", 7).has_value());
  ASSERT_TRUE(map.subscribe({18446744073709551615U, "a", 10}));
  ASSERT_TRUE(map.setLoader("l/", 30));
  StoreMap next;
  ASSERT_TRUE(next.put("old", "gone"));
  ASSERT_TRUE(next.restore(map.seal()));
  EXPECT_EQ(next.get("a"), bytes);
  EXPECT_EQ(next.add("n", 1), 8);
  EXPECT_EQ(next.get("old"), std::nullopt);
  ASSERT_EQ(next.subscribersOf("ab").size(), 1U);
  EXPECT_EQ(next.subscribersOf("ab").front().token, 18446744073709551615U);
  EXPECT_EQ(next.loaderFor("l/x"), 30U);
}

TEST_F(StoreMapTest, RefusesADamagedStateAndKeepsWhatItHas) {
  ASSERT_TRUE(map.put("a", "1"));
  ASSERT_TRUE(map.subscribe({1, "a", 10}));
  const std::string state = map.seal();
  StoreMap next;
  ASSERT_TRUE(next.put("mine", "1"));
  for (std::size_t length = 0; length < state.size(); ++length)
    EXPECT_FALSE(next.restore(std::string_view(state).substr(0, length))) << length;
  EXPECT_FALSE(next.restore(state + "e"));
  EXPECT_FALSE(next.restore("store state 2\ne"));
  EXPECT_FALSE(next.restore("store state 1\nk99999999999999999999:a"));
  EXPECT_EQ(next.get("mine"), "1");
  EXPECT_EQ(next.size(), 1U);
}

TEST(DirectoryLockTest, ExcludesASecondOneUntilItIsReleased) {
  char folder[] = "/tmp/store-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  DirectoryLock first, second;
  EXPECT_TRUE(first.take(folder));
  EXPECT_TRUE(first.take(folder));
  EXPECT_NE(second.take(folder).error().find("another instance"), std::string::npos);
  first.release();
  EXPECT_TRUE(second.take(folder));
  EXPECT_NE(first.take(std::string(folder) + "/nowhere").error().find("No such file"), std::string::npos);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace store
