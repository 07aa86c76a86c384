#include "http/target.hpp"

#include <gtest/gtest.h>

#include "http/bytes.hpp"

namespace revenge::http {
namespace {

std::string decoded(std::string_view raw) {
  std::string storage;
  const auto path = decodePath(raw, storage);
  return path ? std::string(*path) : "refused";
}

TEST(Target, DecodesOnce) {
  EXPECT_EQ(decoded("/a/b"), "/a/b");
  EXPECT_EQ(decoded("/a%20b/%C3%A9"), "/a b/\xC3\xA9");
  EXPECT_EQ(decoded("/%252e%252e/x"), "/%2e%2e/x");
  EXPECT_EQ(decoded("/a+b"), "/a+b");
}

TEST(Target, ResolvesDotSegmentsHoweverTheyAreSpelt) {
  EXPECT_EQ(decoded("/a/./b/../c"), "/a/c");
  EXPECT_EQ(decoded("/a/%2e%2E/c"), "/c");
  EXPECT_EQ(decoded("/a/.%2e/c"), "/c");
  EXPECT_EQ(decoded("/a/b/.."), "/a/");
  EXPECT_EQ(decoded("/a/."), "/a/");
  EXPECT_EQ(decoded("/.."), "refused");
  EXPECT_EQ(decoded("/a/../.."), "refused");
  EXPECT_EQ(decoded("/%2e%2e/etc/passwd"), "refused");
  EXPECT_EQ(decoded("/.hidden/..x/..."), "/.hidden/..x/...");
  EXPECT_EQ(decoded("/a//b"), "/a//b");
}

TEST(Target, RefusesWhatWouldMoveBorders) {
  EXPECT_EQ(decoded("/a%2fb"), "refused");
  EXPECT_EQ(decoded("/..%2F..%2Fetc"), "refused");
  EXPECT_EQ(decoded("/a%00"), "refused");
  EXPECT_EQ(decoded("/%"), "refused");
  EXPECT_EQ(decoded("/%4"), "refused");
  EXPECT_EQ(decoded("/%zz"), "refused");
  EXPECT_EQ(decoded("a"), "refused");
}

TEST(Target, SplitsTheQueryInOrder) {
  std::string storage;
  std::vector<revenge_field> pairs;
  ASSERT_TRUE(decodeQuery("a=1&b=x+y%26&a=2&c&=d&&e=%zz%", storage, pairs));
  ASSERT_EQ(pairs.size(), 6U);
  EXPECT_EQ(text(pairs[0].value), "1");
  EXPECT_EQ(text(pairs[1].value), "x y&");
  EXPECT_EQ(text(pairs[2].name), "a");
  EXPECT_EQ(text(pairs[3].value), "");
  EXPECT_EQ(text(pairs[4].name), "");
  EXPECT_EQ(text(pairs[5].value), "%zz%");
  EXPECT_FALSE(decodeQuery("a=%00", storage, pairs));
}

}  // namespace
}  // namespace revenge::http
