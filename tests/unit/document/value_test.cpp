#include "document/value.hpp"

#include <gtest/gtest.h>

namespace revenge::document {
namespace {

Value sample() {
  Value folders(Array{"/films", "/music"});
  Value stream;
  stream.set("folders", std::move(folders));
  Value plugins;
  plugins.set("stream", std::move(stream));
  plugins.set("a/b~c", 7);
  Value root;
  root.set("plugins", std::move(plugins));
  return root;
}

TEST(Value, PointerReachesMembersAndItems) {
  const Value root = sample();
  EXPECT_EQ(*root.at("/plugins/stream/folders/1")->text(), "/music");
  EXPECT_EQ(root.at("/plugins/a~1b~0c")->integer(), 7);
  EXPECT_EQ(root.at(""), &root);
}

TEST(Value, PointerToNothingIsNull) {
  const Value root = sample();
  for (const char* pointer :
       {"/nothing", "/plugins/stream/folders/2", "/plugins/stream/folders/01", "plugins", "/plugins/x~2",
        "/plugins/stream/folders/-", "/plugins/stream/folders/0/deeper"}) {
    EXPECT_EQ(root.at(pointer), nullptr) << pointer;
  }
}

TEST(Value, EqualityIgnoresPositionsAndMemberOrder) {
  Value left = Object{{"a", 1, {1, 1}}, {"b", Array{true, nullptr}, {2, 1}}};
  Value right = Object{{"b", Array{true, nullptr}, {}}, {"a", 1.0, {}}};
  right.position = {9, 9};
  EXPECT_EQ(left, right);
  EXPECT_EQ(hashOf(left), hashOf(right));
  right.set("a", 1.5);
  EXPECT_NE(left, right);
}

TEST(Value, KindsAreNotConfused) {
  EXPECT_NE(Value(false), Value(0));
  EXPECT_NE(Value("1"), Value(1));
  EXPECT_NE(Value(), Value(false));
  EXPECT_EQ(Value("true").kind(), Kind::kString);
  EXPECT_EQ(Value(true).integer(), std::nullopt);
}

TEST(Value, NumbersCompareExactlyBeyondTheReachOfDoubles) {
  EXPECT_NE(Value(9007199254740993), Value(9007199254740992));
  EXPECT_NE(Value(9007199254740993), Value(9007199254740992.0));
  EXPECT_EQ(Value(9223372036854775808.0).integer(), std::nullopt);
  EXPECT_EQ(Value(-9223372036854775808.0).integer(), INT64_MIN);
}

TEST(Value, PathIsShownAsPeopleWriteIt) {
  const Value root = sample();
  EXPECT_EQ(dottedPath(root, "/plugins/stream/folders/0"), "plugins.stream.folders[0]");
  EXPECT_EQ(dottedPath(root, "/plugins/a~1b~0c"), "plugins.\"a/b~c\"");
  EXPECT_EQ(dottedPath(root, "/plugins/absent/0"), "plugins.absent.0");
  EXPECT_EQ(dottedPath(root, ""), "");
}

TEST(Value, PrintableTextIsOneShortLine) {
  EXPECT_EQ(printable("a\nb\x01"), "a\\x0ab\\x01");
  EXPECT_EQ(printable("\xC3\xA4\xC3\xA4", 3), "\xC3\xA4...");
  EXPECT_EQ(printable("abc", 3), "abc");
}

}  // namespace
}  // namespace revenge::document
