#include "observe/span.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

using std::chrono::seconds;

class SpanRecordTest : public ::testing::Test {
 protected:
  SpanRecordTest() { record_->begin({1, 2, 3, 4, 1}, SpanKind::kServer, base::Instant(seconds(5))); }
  SpanView view() const { return SpanView(*record_); }

  std::unique_ptr<SpanRecord> record_ = std::make_unique<SpanRecord>();
};

TEST_F(SpanRecordTest, ShowsWhatWasWritten) {
  record_->name("GET /films");
  record_->plugin("stream");
  record_->add("text", std::string_view("value"));
  record_->add("count", 7);
  record_->add("yes", true);
  record_->add("half", SpanValue{.type = SpanValue::Type::kNumber, .number = 0.5});
  const SpanView seen = view();
  EXPECT_EQ(seen.name, "GET /films");
  EXPECT_EQ(seen.plugin, "stream");
  ASSERT_EQ(seen.attributes.size(), 4U);
  EXPECT_EQ(seen.attributes[0].value.text, "value");
  EXPECT_EQ(seen.attributes[1].value.integer, 7);
  EXPECT_EQ(seen.attributes[2].value.type, SpanValue::Type::kBoolean);
  EXPECT_EQ(seen.attributes[3].value.number, 0.5);
}

TEST_F(SpanRecordTest, AttributesBehindAnEventAreTheEvents) {
  record_->add("of the span", 1);
  record_->event("first frame", base::Instant(seconds(6)));
  record_->add("of the event", 2);
  const SpanView seen = view();
  ASSERT_EQ(seen.events.size(), 1U);
  EXPECT_EQ(seen.events[0].name, "first frame");
  EXPECT_EQ(seen.events[0].at, base::Instant(seconds(6)));
  EXPECT_EQ(seen.events[0].attributes.size(), 1U);
  EXPECT_EQ(seen.attributes.size(), 1U);
}

TEST_F(SpanRecordTest, WhatDoesNotFitIsLeftOutAndCounted) {
  for (int i = 0; i < 10; ++i) record_->add("key" + std::to_string(i), std::string(200, 'x'));
  record_->add("small", 1);
  EXPECT_EQ(view().attributes.size() + record_->droppedAttributes(), 11U);
  EXPECT_GT(record_->droppedAttributes(), 0U);
  EXPECT_EQ(view().attributes.back().key, "small");
}

TEST_F(SpanRecordTest, AttributesOfAnEventThatDidNotFitAreNotTheNextOnes) {
  while (record_->droppedAttributes() == 0) record_->add("k", std::string(20, 'x'));
  const auto before = view().attributes.size();
  record_->event(std::string(200, 'e'), base::Instant(seconds(6)));
  record_->add("e", 1);
  EXPECT_EQ(record_->droppedEvents(), 1U);
  EXPECT_EQ(record_->droppedAttributes(), 2U);
  EXPECT_EQ(view().attributes.size(), before);
}

TEST_F(SpanRecordTest, TextsAreCutAtACharacter) {
  record_->name(std::string(254, 'x') + "\xc3\xa4");
  EXPECT_EQ(view().name, std::string(254, 'x'));
}

TEST_F(SpanRecordTest, BegunAnewHoldsNothingOfBefore) {
  record_->name("old");
  record_->add("old", 1);
  record_->begin({}, SpanKind::kInternal, base::Instant(seconds(9)));
  EXPECT_EQ(view().name, "");
  EXPECT_TRUE(view().attributes.empty());
}

}  // namespace
}  // namespace revenge::observe
