#include "revenge/changes.hpp"

#include <gtest/gtest.h>

namespace revenge::author {
namespace {

using namespace std::chrono_literals;
using enum Happened;
using Files = std::vector<std::string>;

struct ChangesTest : testing::Test {
  base::Instant now{};
  Changes changes;
};

TEST(SourceName, LeavesOutWhatEditorsLeaveBeside) {
  for (const char* name : {"plugin.cpp", "plugin.json", "CMakeLists.txt", "page.html", "a~b"})
    EXPECT_TRUE(isSourceName(name)) << name;
  for (const char* name : {"", ".plugin.cpp.swp", ".#plugin.cpp", "#plugin.cpp#", "plugin.cpp~", "4913",
                           "x.tmp", "x.orig", "plugin.cpp___jb_tmp___"})
    EXPECT_FALSE(isSourceName(name)) << name;
  EXPECT_TRUE(isSourceFolder("domain"));
  for (const char* name : {"", ".git", "node_modules"}) EXPECT_FALSE(isSourceFolder(name)) << name;
}

TEST_F(ChangesTest, ASaveIsOverWhenItHasBeenQuiet) {
  EXPECT_FALSE(changes.due());
  changes.add("a.cpp", kWritten, now);
  changes.add("a.cpp", kWritten, now + 10ms);
  EXPECT_EQ(changes.due(), now + 10ms + Changes::kQuiet);
  EXPECT_EQ(changes.take().files, Files{"a.cpp"});
  EXPECT_FALSE(changes.any());
  EXPECT_FALSE(changes.due());
}

TEST_F(ChangesTest, WhoeverNeverRestsIsNotWaitedFor) {
  for (int i = 0; i < 100; ++i) changes.add("a.cpp", kWritten, now + i * 20ms);
  EXPECT_EQ(changes.due(), now + Changes::kLongest);
}

TEST_F(ChangesTest, AFileThatWasTakenAwayIsWaitedFor) {
  changes.add("a.cpp", kGone, now);
  EXPECT_EQ(changes.due(), now + Changes::kLongest);
  changes.add("a.cpp", kAppeared, now + 5ms);
  EXPECT_EQ(changes.due(), now + 5ms + Changes::kQuiet);
  EXPECT_EQ(changes.take().files, Files{"a.cpp"});
}

TEST_F(ChangesTest, WhatCameAndWentIsNoChange) {
  changes.add("sedAb12cd", kAppeared, now);
  changes.add("sedAb12cd", kWritten, now);
  changes.add("sedAb12cd", kGone, now);
  EXPECT_EQ(changes.due(), now + Changes::kQuiet);
  EXPECT_TRUE(changes.take().empty());
  changes.add("sedAb12cd", kAppeared, now);
  changes.add("sedAb12cd", kGone, now);
  changes.add("a.cpp", kWritten, now);
  EXPECT_EQ(changes.take().files, Files{"a.cpp"});
}

TEST_F(ChangesTest, AFileThatIsGoneForGoodHasChanged) {
  changes.add("b.cpp", kWritten, now);
  changes.add("a.cpp", kGone, now);
  EXPECT_EQ(changes.take().files, (Files{"a.cpp", "b.cpp"}));
}

TEST_F(ChangesTest, WhatIsNotKnownIsAChangeToo) {
  changes.addUnknown(now);
  EXPECT_TRUE(changes.due());
  const auto taken = changes.take();
  EXPECT_TRUE(taken.unknown);
  EXPECT_FALSE(taken.empty());
  EXPECT_FALSE(changes.take().unknown);
}

}  // namespace
}  // namespace revenge::author
