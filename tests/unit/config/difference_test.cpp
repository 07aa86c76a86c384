#include "config/difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/host_schema.hpp"
#include "document/yaml.hpp"

namespace revenge::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> between(std::string_view before, std::string_view after) {
  return changedPointers(*document::parseYaml(before, "a"), *document::parseYaml(after, "b"));
}

TEST(Difference, NamesLeavesThatAreOthers) {
  EXPECT_THAT(between("{a: {x: 1, y: 2}, b: [1, 2]}", "{a: {x: 1, y: 3}, b: [1]}"),
              ElementsAre("/a/y", "/b"));
}

TEST(Difference, NamesWhatCameAndWhatWent) {
  EXPECT_THAT(between("{a: {x: 1}, c: {d: {e: 1}}}", "{a: {z: 1}}"), ElementsAre("/a/z", "/a/x", "/c/d/e"));
  EXPECT_THAT(between("{}", "{a/b: 1, e: {}}"), ElementsAre("/a~1b", "/e"));
  EXPECT_THAT(between("{a: 1}", "{a: {b: 1}}"), ElementsAre("/a/b"));
}

TEST(Difference, OrderAndPlaceAreNone) {
  EXPECT_THAT(between("{a: 1, b: {c: 1.0, d: [x]}}", "b:\n  d: [x]\n  c: 1\na: 1\n"), IsEmpty());
}

TEST(HostSchema, SaysWhichKeysTakeEffectLive) {
  EXPECT_TRUE(isLive("/log/level"));
  EXPECT_TRUE(isLive("/plugins/stream/folders"));
  EXPECT_FALSE(isLive("/http/port"));
  EXPECT_FALSE(isLive("/host/plugin_folders"));
  EXPECT_FALSE(isLive("/nothing/known"));
}

}  // namespace
}  // namespace revenge::config
