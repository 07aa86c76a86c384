#include "observe/utf8.hpp"

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

std::string valid(std::string_view text) {
  std::string out;
  appendValidUtf8(out, text);
  return out;
}

TEST(Utf8, KeepsEveryLengthOfCharacter) {
  EXPECT_EQ(valid("a\u00e9\u20ac\U0001F600"), "a\u00e9\u20ac\U0001F600");
  EXPECT_EQ(valid("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");  // U+10FFFF, the last
}

TEST(Utf8, ReplacesEachByteThatIsNoCharacter) {
  EXPECT_EQ(valid("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid("\xC0\xAF"), "\uFFFD\uFFFD");                      // overlong '/'
  EXPECT_EQ(valid("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(valid("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // surrogate
  EXPECT_EQ(valid("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  EXPECT_EQ(valid("\xE2\x82"), "\uFFFD\uFFFD");                      // cut short
}

TEST(Utf8, CutsBeforeACharacterThatDoesNotFit) {
  EXPECT_EQ(cutAt("ab\u20ac", 5), "ab\u20ac");
  EXPECT_EQ(cutAt("ab\u20ac", 4), "ab");
  EXPECT_EQ(cutAt("ab\u20ac", 2), "ab");
}

TEST(Utf8, KnowsWhatHidesOrBreaksALine) {
  for (const char32_t point : {U'\n', U'\x1b', U'\x7f', U'\x85', U'\u2028', U'\u202e', U'\u2066'}) {
    EXPECT_TRUE(isUnprintable(point)) << static_cast<unsigned>(point);
  }
  EXPECT_FALSE(isUnprintable(U' '));
  EXPECT_FALSE(isUnprintable(U'\u00e9'));
}

}  // namespace
}  // namespace revenge::observe
