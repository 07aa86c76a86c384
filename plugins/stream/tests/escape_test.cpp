#include "escape.hpp"

#include <gtest/gtest.h>

namespace stream {
namespace {

TEST(Escape, TextThatIsFineStaysAsItIs) {
  const std::string name = "Amélie – 天空の城 🎬.mkv";
  EXPECT_EQ(printable(name), name);
  EXPECT_EQ(htmlText(name), name);
  EXPECT_EQ(jsonString(name), '"' + name + '"');
}

TEST(Escape, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(printable("caf\xE9.mkv"), "caf\xEF\xBF\xBD.mkv");
  EXPECT_EQ(printable("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(printable("\x80\xBF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Escape, OverlongFormsSurrogatesAndNumbersBeyondUnicodeAreNotUtf8) {
  for (const char* bytes : {"\xC0\xBC", "\xC1\xBF", "\xE0\x80\xBC", "\xED\xA0\x80", "\xF0\x80\x80\xBC",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    EXPECT_TRUE(printable(bytes).starts_with("\xEF\xBF\xBD")) << printable(bytes);
}

TEST(Escape, TheEdgesOfUnicodeAreUtf8) {
  for (const char* bytes : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                            "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(printable(bytes), bytes);
}

TEST(Escape, AMessageStaysOnOneLine) { EXPECT_EQ(printable("a\nb\r\tc\x7F"), "a␊b␍␉c␡"); }

TEST(Escape, JsonKeepsControlCharactersReadable) {
  EXPECT_EQ(jsonString("a\n\"b\"\\\x01"), R"("a\u000a\"b\"\\\u0001")");
}

TEST(Escape, HtmlHasNoWayOutOfTextOrAttribute) {
  EXPECT_EQ(htmlText(R"(<script>alert("1")</script>&'.mkv)"),
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;.mkv");
  EXPECT_EQ(htmlText("a\nb"), "a␊b");
}

}  // namespace
}  // namespace stream
