#include "observe/spans.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

class SpansTest : public ::testing::Test {
 protected:
  void record(std::uint64_t id) {
    spans_->record([&](SpanRecord& record) { record.begin({0, 0, id, 0, 1}, SpanKind::kInternal, {}); });
  }
  std::vector<std::uint64_t> collected() {
    std::vector<std::uint64_t> ids;
    spans_->collect([&](const SpanRecord& record) { ids.push_back(record.ids.span_id); });
    return ids;
  }

  std::shared_ptr<Spans> spans_ = std::make_shared<Spans>();
};

TEST_F(SpansTest, CollectsWhatEveryThreadFinished) {
  record(1);
  std::thread([this] { record(2); }).join();
  EXPECT_EQ(collected(), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(collected().empty());
}

TEST_F(SpansTest, AFullRingLosesWhatComesThenAndCountsIt) {
  for (std::size_t i = 0; i < Spans::kRing + 3; ++i) record(i + 1);
  EXPECT_EQ(spans_->lost(), 3U);
  EXPECT_EQ(collected().size(), Spans::kRing);
  record(7);
  EXPECT_EQ(collected().size(), 1U);
  EXPECT_EQ(spans_->lost(), 3U);
}

TEST_F(SpansTest, HalfARingWakesTheReaderOnce) {
  int woken = 0;
  spans_->onHalfFull([&] { ++woken; });
  for (std::size_t i = 0; i + 1 < Spans::kRing / 2; ++i) record(1);
  EXPECT_EQ(woken, 0);
  record(1);
  record(1);
  EXPECT_EQ(woken, 1);
  (void)collected();
  for (std::size_t i = 0; i < Spans::kRing / 2; ++i) record(1);
  EXPECT_EQ(woken, 2);
}

TEST_F(SpansTest, ARingPassesToTheNextThread) {
  for (int i = 0; i < 3; ++i) std::thread([this] { record(1); }).join();
  EXPECT_EQ(collected().size(), 3U);
}

TEST_F(SpansTest, RootsAreSampledByTheLow56BitsWhileSomebodyReads) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 55U;
  spans_->setRatio(0.5);
  EXPECT_FALSE(spans_->samplesRoot(kHalf));
  spans_->want(true);
  EXPECT_TRUE(spans_->samplesRoot(kHalf));
  EXPECT_FALSE(spans_->samplesRoot(kHalf - 1));
  EXPECT_FALSE(spans_->samplesRoot(0xff00000000000000U | (kHalf - 1)));
  spans_->setRatio(1);
  EXPECT_TRUE(spans_->samplesRoot(0));
  spans_->setRatio(0);
  EXPECT_FALSE(spans_->samplesRoot(~std::uint64_t{0}));
}

TEST_F(SpansTest, ARatioTakesThatPartOfRandomIds) {
  spans_->want(true);
  spans_->setRatio(0.1);
  int taken = 0;
  constexpr int kTries = 100'000;
  TraceIds ids(42);
  for (int i = 0; i < kTries; ++i) taken += spans_->samplesRoot(ids.begin({}).trace_id_low) ? 1 : 0;
  EXPECT_NEAR(taken, kTries / 10, 500);
}

TEST_F(SpansTest, WhatCameSampledIsRecordedOnlyWhileSomebodyReads) {
  const TraceContext sampled{1, 2, 3, TraceContext::kSampled};
  EXPECT_FALSE(spans_->records(sampled));
  spans_->want(true);
  EXPECT_TRUE(spans_->records(sampled));
  EXPECT_FALSE(spans_->records({1, 2, 3, TraceContext::kRandom}));
}

}  // namespace
}  // namespace revenge::observe
