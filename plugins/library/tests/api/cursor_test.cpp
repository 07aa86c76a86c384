#include "api/cursor.hpp"

#include <gtest/gtest.h>

#include "api/base64url.hpp"

namespace library::api {
namespace {

Id someId() {
  Id id;
  id.bytes.fill(0xAB);
  return id;
}

TEST(Cursor, ComesBackAsItWasSealed) {
  const CursorSeal seal("key");
  for (const Cursor& cursor :
       {Cursor{{}, someId()}, Cursor{{std::int64_t{-5}, std::string("\u00e9\xff")}, someId()},
        Cursor{{std::string(5000, 'x')}, someId()}, Cursor{{std::string()}, {}}})
    EXPECT_EQ(seal.open(seal.seal(cursor, "list"), "list"), cursor);
}

TEST(Cursor, IsOfOneList) {
  const CursorSeal seal("key");
  const std::string text = seal.seal({{std::int64_t{1}}, someId()}, "list");
  EXPECT_EQ(seal.open(text, "another"), std::unexpected(CursorFault::kMismatch));
  EXPECT_EQ(CursorSeal("other").open(text, "list"), std::unexpected(CursorFault::kInvalid));
}

TEST(Cursor, WithOneFlippedBitIsRefused) {
  const CursorSeal seal("key");
  const std::string text = seal.seal({{std::string("title")}, someId()}, "list");
  const std::string bytes = *fromBase64url(text);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(seal.open(base64url(flipped), "list"), std::unexpected(CursorFault::kInvalid)) << bit;
  }
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_EQ(seal.open(text.substr(0, length), "list"), std::unexpected(CursorFault::kInvalid)) << length;
}

TEST(Base64url, IsThatOfRfc4648WithoutPadding) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(fromBase64url("Zm9vYmFy"), "foobar");
}

TEST(Base64url, HasOneTextForEachBytes) {
  EXPECT_EQ(fromBase64url("Zg"), "f");
  for (const char* text : {"Zh", "Zg==", "Z", "Zg ", "Zm+v", "Zm9"})
    EXPECT_EQ(fromBase64url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace library::api
