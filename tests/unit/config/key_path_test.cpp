#include "config/key_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::config {
namespace {

using testing::ElementsAre;

TEST(KeyPath, StepsArePartedByDotsAndMayBeQuoted) {
  EXPECT_THAT(*stepsOfKey("http.port"), ElementsAre("http", "port"));
  EXPECT_THAT(*stepsOfKey("plugins.\"a.b\".c"), ElementsAre("plugins", "a.b", "c"));
  EXPECT_THAT(*stepsOfKey("\"a\""), ElementsAre("a"));
}

TEST(KeyPath, WhatIsNoKeyIsRefused) {
  for (const char* key : {"", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "\"\""}) {
    const auto steps = stepsOfKey(key);
    ASSERT_FALSE(steps) << key;
    EXPECT_THAT(steps.error().message, testing::HasSubstr("expected a key such as http.port"));
  }
}

TEST(KeyPath, TheWayBackIsTheKey) {
  for (const char* key : {"http.port", "plugins.\"a.b\".c", "plugins.answers-nothing.report"}) {
    EXPECT_EQ(keyOf(*stepsOfKey(key)), key);
    EXPECT_EQ(keyOfPointer(pointerTo(*stepsOfKey(key))), key);
  }
}

}  // namespace
}  // namespace revenge::config
