#include "http/range.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace revenge::http {
namespace {

std::string ask(std::string_view field, std::uint64_t size = 1000) {
  const RangeSet set = RangeSet::parse(field, size);
  if (set.kind() == RangeSet::Kind::kWhole) return "whole";
  if (set.kind() == RangeSet::Kind::kUnsatisfiable) return "416";
  std::string out;
  for (const ByteRange& part : set.parts()) {
    out += fmt::format("{}{}-{}", out.empty() ? "" : ",", part.offset, part.offset + part.length - 1);
  }
  return out;
}

TEST(Range, CutsToTheSize) {
  EXPECT_EQ(ask("bytes=0-"), "0-999");
  EXPECT_EQ(ask("bytes=0-1"), "0-1");
  EXPECT_EQ(ask("bytes=-2"), "998-999");
  EXPECT_EQ(ask("bytes=-5000"), "0-999");
  EXPECT_EQ(ask("bytes=990-5000"), "990-999");
  EXPECT_EQ(ask("bytes=999-999"), "999-999");
  EXPECT_EQ(ask("Bytes=0-0, 10-19"), "0-0,10-19");
}

TEST(Range, CannotBeSatisfiedBehindTheEnd) {
  EXPECT_EQ(ask("bytes=1000-"), "416");
  EXPECT_EQ(ask("bytes=-0"), "416");
  EXPECT_EQ(ask("bytes=1000-,2000-"), "416");
  EXPECT_EQ(ask("bytes=1000-,5-6"), "5-6");
}

TEST(Range, IsIgnoredWhenMalformed) {
  for (const char* field :
       {"bytes=5-3", "bytes=a-b", "items=0-1", "bytes", "bytes=", "bytes=-", "bytes=0", "bytes=1-2-3",
        "bytes=+1-2", "bytes= 1 - 2", "bytes=0-1,x", "bytes=0x1-2", "bytes=,", ""}) {
    EXPECT_EQ(ask(field), "whole") << field;
  }
}

TEST(Range, NeverAsksForMoreThanThereIs) {
  EXPECT_EQ(ask("bytes=0-9,5-14"), "whole");
  EXPECT_EQ(ask("bytes=0-,0-"), "whole");
  EXPECT_EQ(ask("bytes=0-9,10-19"), "0-9,10-19");
  std::string many = "bytes=0-0";
  for (int i = 1; i < 16; ++i) many += fmt::format(",{}-{}", i * 10, i * 10);
  EXPECT_NE(ask(many), "whole");
  EXPECT_EQ(ask(many + ",900-900"), "whole");
}

TEST(Range, IsExactAtLargeOffsetsAndIgnoredBeyond) {
  constexpr std::uint64_t kHuge = INT64_MAX;
  EXPECT_EQ(ask("bytes=9223372036854775806-", kHuge), "9223372036854775806-9223372036854775806");
  EXPECT_EQ(ask("bytes=4294967296-4294967297", kHuge), "4294967296-4294967297");
  EXPECT_EQ(ask("bytes=0-9223372036854775807"), "0-999");
  EXPECT_EQ(ask("bytes=0-9223372036854775808"), "whole");
  EXPECT_EQ(ask("bytes=0-99999999999999999999999999"), "whole");
  EXPECT_EQ(ask("bytes=-99999999999999999999999999"), "whole");
}

TEST(Range, OfAnEmptyFileIsIgnored) {
  EXPECT_EQ(ask("bytes=0-", 0), "whole");
  EXPECT_EQ(ask("bytes=-1", 0), "whole");
}

}  // namespace
}  // namespace revenge::http
