#include "observe/trace_context.hpp"

#include <string>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";
const std::string kWhole = "00-" + kTrace + "-" + kSpan + "-01";

bool goesOn(const std::string& header) { return parseTraceparent(header).has_value(); }

std::string text(const TraceContext& context) {
  const auto written = formatTraceparent(context);
  return {written.data(), written.size()};
}

TEST(TraceparentTest, IsReadAndWrittenBack) {
  const auto context = parseTraceparent(kWhole);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id_high, 0x4bf92f3577b34da6U);
  EXPECT_EQ(context->trace_id_low, 0xa3ce929d0e0e4736U);
  EXPECT_EQ(context->span_id, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(context->isSampled());
  EXPECT_EQ(text(*context), kWhole);
  EXPECT_EQ(parseTraceparent(" \t" + kWhole + " "), context);
}

// T1
TEST(TraceparentTest, OfVersion00EndsWithItsFlags) {
  for (const char* more : {".", "-more", "-", "0"}) EXPECT_FALSE(goesOn(kWhole + more)) << more;
}

// T2
TEST(TraceparentTest, OfALaterVersionIsReadAsFarAsVersion00Goes) {
  const std::string later = "cc" + kWhole.substr(2);
  EXPECT_TRUE(goesOn(later));
  EXPECT_TRUE(goesOn(later + "-what-the-future-will-be-like"));
  EXPECT_FALSE(goesOn(later + ".what-the-future-will-be-like"));
  EXPECT_FALSE(goesOn("ff" + kWhole.substr(2)));
  EXPECT_EQ(text(*parseTraceparent(later)).substr(0, 2), "00");
}

// T3
TEST(TraceparentTest, WithAFieldThatIsWrongBeginsANewTrace) {
  EXPECT_FALSE(goesOn(""));
  EXPECT_FALSE(goesOn("00-" + std::string(32, '0') + "-" + kSpan + "-01"));
  EXPECT_FALSE(goesOn("00-" + kTrace + "-" + std::string(16, '0') + "-01"));
  EXPECT_FALSE(goesOn("00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01"));
  EXPECT_FALSE(goesOn("00-" + kTrace.substr(1) + "-" + kSpan + "-01"));
  EXPECT_FALSE(goesOn("00-" + kTrace + "0-" + kSpan + "-01"));
  EXPECT_FALSE(goesOn("00-" + kTrace + "-" + kSpan.substr(1) + "-01"));
  EXPECT_FALSE(goesOn("00-" + kTrace + "-" + kSpan + "-1"));
  EXPECT_FALSE(goesOn("0-" + kTrace + "-" + kSpan + "-01"));
  for (std::size_t i = 0; i < kWhole.size(); ++i) {
    std::string spoiled = kWhole;
    spoiled[i] = '.';
    EXPECT_FALSE(goesOn(spoiled)) << spoiled;
  }
}

// T4
TEST(TraceparentTest, KeepsTheFlagsItKnowsAndNoOthers) {
  const auto context = parseTraceparent(kWhole.substr(0, 53) + "fe");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->flags, TraceContext::kRandom);
  EXPECT_FALSE(context->isSampled());
}

TEST(TraceIdsTest, GoOnWithTheTraceUnderASpanOfTheirOwn) {
  TraceIds ids(1);
  const auto parent = parseTraceparent(kWhole);
  const TraceContext first = ids.begin(parent);
  const TraceContext second = ids.begin(parent);
  EXPECT_EQ(first.trace_id_high, parent->trace_id_high);
  EXPECT_EQ(first.trace_id_low, parent->trace_id_low);
  EXPECT_EQ(first.flags, parent->flags);
  EXPECT_NE(first.span_id, parent->span_id);
  EXPECT_NE(first.span_id, second.span_id);
}

TEST(TraceIdsTest, BeginATraceThatNobodyHasAskedToBeSampled) {
  TraceIds ids;
  const TraceContext one = ids.begin(std::nullopt);
  const TraceContext other = TraceIds().begin(std::nullopt);
  EXPECT_EQ(one.flags, TraceContext::kRandom);
  EXPECT_NE(one.trace_id_low, other.trace_id_low);
  EXPECT_EQ(parseTraceparent(text(one)), one);
}

}  // namespace
}  // namespace revenge::observe
