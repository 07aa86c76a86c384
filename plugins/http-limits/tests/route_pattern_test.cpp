#include "limits/route_pattern.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

bool matches(std::string_view pattern, std::string_view path) {
  return RoutePattern::parse(pattern)->matches(path);
}

TEST(RoutePattern, WithoutAStarItIsThePath) {
  EXPECT_TRUE(matches("/health", "/health"));
  EXPECT_FALSE(matches("/health", "/health/"));
  EXPECT_FALSE(matches("/health", "/healt"));
  EXPECT_FALSE(matches("/health", "/Health"));
}

TEST(RoutePattern, AStarAtTheEndTakesAllThatFollows) {
  EXPECT_TRUE(matches("/stream/*", "/stream/7/segment-3.ts"));
  EXPECT_TRUE(matches("/stream/*", "/stream/"));
  EXPECT_FALSE(matches("/stream/*", "/stream"));
  EXPECT_TRUE(matches("/*", "/"));
  EXPECT_TRUE(matches("/api/*/items/*", "/api/v1/items/7/parts"));
}

TEST(RoutePattern, AStarElsewhereStaysInItsSegment) {
  EXPECT_TRUE(matches("/api/*/items", "/api/v1/items"));
  EXPECT_FALSE(matches("/api/*/items", "/api/v1/x/items"));
  EXPECT_TRUE(matches("/api/*/items", "/api//items"));
  EXPECT_TRUE(matches("/a*b*c/d", "/abxbyc/d"));
  EXPECT_FALSE(matches("/a*b*c/d", "/abxbycx/d"));
  EXPECT_TRUE(matches("/*.ts/x", "/a.ts.ts/x"));
}

TEST(RoutePattern, WhatIsNoPatternSaysWhy) {
  EXPECT_EQ(RoutePattern::parse("stream").error(), "does not begin with '/'");
  EXPECT_FALSE(RoutePattern::parse("/a/**").has_value());
  EXPECT_FALSE(RoutePattern::parse("/a/{id}").has_value());
  EXPECT_FALSE(RoutePattern::parse("/a?b=*").has_value());
  EXPECT_FALSE(RoutePattern::parse(std::string("/a\0b", 4)).has_value());
  EXPECT_FALSE(RoutePattern::parse("/" + std::string(512, 'a')).has_value());
}

TEST(RoutePattern, TheOneThatSaysMoreIsGreater) {
  const auto of = [](const char* text) { return RoutePattern::parse(text)->specificity(); };
  EXPECT_GT(of("/stream/health"), of("/stream/*"));
  EXPECT_GT(of("/stream/live/*"), of("/stream/*"));
  EXPECT_GT(of("/stream/*/parts"), of("/stream/*"));
  EXPECT_GT(of("/a"), of("/a*"));
  EXPECT_EQ(of("/a/*/x"), of("/b/*/y"));
}

// By the definition: each character in turn, each length that a star may take.
bool matchesByDefinition(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern == "*") return true;
  if (pattern.front() != '*')
    return !path.empty() && path.front() == pattern.front() &&
           matchesByDefinition(pattern.substr(1), path.substr(1));
  for (std::size_t taken = 0;; ++taken) {
    if (matchesByDefinition(pattern.substr(1), path.substr(taken))) return true;
    if (taken == path.size() || path[taken] == '/') return false;
  }
}

TEST(RoutePattern, MatchesWhatItsDefinitionMatches) {
  constexpr unsigned kSeed = 42;
  std::mt19937_64 random(kSeed);
  const auto word = [&random](std::string_view letters, std::size_t most) {
    std::string text = "/";
    for (std::size_t size = random() % most; size > 0; --size) text += letters[random() % letters.size()];
    return text;
  };
  int matched = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto pattern = RoutePattern::parse(word("ab/*", 8));
    if (!pattern) continue;
    const std::string path = word("ab/", 10);
    const bool expected = matchesByDefinition(pattern->text(), path);
    matched += expected ? 1 : 0;
    ASSERT_EQ(pattern->matches(path), expected) << pattern->text() << " " << path << " seed " << kSeed;
  }
  EXPECT_GT(matched, 1000);
}

}  // namespace
}  // namespace revenge::http_limits
