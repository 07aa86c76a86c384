#include "exporter.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace telemetry_otlp {
namespace {

using namespace std::chrono_literals;

class ExporterTest : public ::testing::Test {
 protected:
  // A queue of numbered items, and a receiver that answers when told to.
  ExporterTest() : exporter_(parts(), ExporterOptions{}, now_) {}

  Exporter::Parts parts() {
    return {[this](std::uint64_t max) {
              const std::uint64_t items = std::min(max, queued_);
              queued_ -= items;
              std::string body = items == 0 ? "" : "batch " + std::to_string(++batches_);
              return Batch{items, std::exchange(lost_, 0), body_.empty() ? body : body_};
            },
            [this](const std::string& body) { sent_.push_back(body); },
            [this](const Counts& counts) {
              total_.sent += counts.sent;
              total_.retried += counts.retried;
              total_.rejected += counts.rejected;
              for (std::size_t i = 0; i < kDroppedReasons; ++i) total_.dropped[i] += counts.dropped[i];
            },
            [this](const std::string& line) { complaints_.push_back(line); }, [this] { return random_; }};
  }

  void offer(std::uint64_t items) {
    queued_ += items;
    exporter_.step(now_, queued_);
  }
  void pass(Duration time) {
    now_ += time;
    exporter_.step(now_, queued_);
  }
  void answer(unsigned status) {
    exporter_.answered(now_, {.status = status, .retry_after = {}, .message = {}});
  }
  void answer(const Answer& what) { exporter_.answered(now_, what); }
  void nothing() {
    exporter_.answered(now_, {.came = Answer::Came::kNothing, .retry_after = {}, .message = "timed out"});
  }
  std::uint64_t dropped(Dropped reason) const { return total_.dropped[static_cast<std::size_t>(reason)]; }

  Instant now_{std::chrono::hours(1)};
  std::uint64_t queued_ = 0;
  std::uint64_t lost_ = 0;
  int batches_ = 0;
  std::string body_;
  double random_ = 0.5;  // no jitter
  std::vector<std::string> sent_;
  Counts total_;
  std::vector<std::string> complaints_;
  Exporter exporter_;
};

TEST_F(ExporterTest, SendsWhenABatchIsFullOrItsTimeHasCome) {
  offer(511);
  EXPECT_TRUE(sent_.empty());
  offer(1);
  ASSERT_EQ(sent_.size(), 1U);
  answer(200);
  EXPECT_EQ(total_.sent, 512U);
  offer(3);
  pass(4999ms);
  EXPECT_EQ(sent_.size(), 1U);
  pass(1ms);
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(ExporterTest, CountsAsSentOnlyWhatWasAnswered) {
  offer(512);
  EXPECT_EQ(total_.sent, 0U);
  answer(200);
  EXPECT_EQ(total_.sent, 512U);
}

TEST_F(ExporterTest, HasOneRequestOutAtATime) {
  offer(512);
  offer(2000);
  pass(60s);
  EXPECT_EQ(sent_.size(), 1U);
  EXPECT_EQ(exporter_.due(), Instant::max());
  answer(200);
  exporter_.step(now_, queued_);
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(ExporterTest, O1_RetryAfterIsWaitedForAndTheSameBatchSentAgain) {
  offer(512);
  answer({.status = 429, .retry_after = 3s, .message = {}});
  pass(2999ms);
  EXPECT_EQ(sent_.size(), 1U);
  EXPECT_EQ(exporter_.due(), now_ + 1ms);
  pass(1ms);
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[1], sent_[0]);
  answer(200);
  EXPECT_EQ(total_.sent, 512U);
  EXPECT_EQ(total_.retried, 1U);
  EXPECT_EQ(total_.dropped, (std::array<std::uint64_t, kDroppedReasons>{}));
}

TEST_F(ExporterTest, ARetryAfterOfAYearIsCut) {
  offer(512);
  answer({.status = 503, .retry_after = std::chrono::hours(8760), .message = {}});
  EXPECT_EQ(exporter_.due(), now_ + 10min);
}

TEST_F(ExporterTest, O2_Bare502503504AreTriedAgainExponentiallyWithJitterThenDropped) {
  random_ = 0;  // 0.8 of the pause
  offer(512);
  const std::vector<Duration> pauses{800ms, 1200ms, 1800ms, 2700ms};
  const unsigned statuses[] = {502, 503, 504, 502};
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    answer(statuses[i]);
    EXPECT_EQ(exporter_.due() - now_, pauses[i]) << i;
    pass(pauses[i]);
    EXPECT_EQ(sent_.size(), i + 2);
  }
  answer(503);
  EXPECT_EQ(dropped(Dropped::kRetries), 512U);
  EXPECT_EQ(total_.retried, 4U);
  EXPECT_TRUE(exporter_.gathers());
}

TEST_F(ExporterTest, O2_JitterReachesFromFourFifthsToSixFifths) {
  random_ = 1;
  offer(512);
  answer(503);
  EXPECT_EQ(exporter_.due() - now_, 1200ms);
}

TEST_F(ExporterTest, O3_WhatTheReceiverWillNotHaveIsTriedOnce) {
  std::uint64_t expected = 0;
  for (const unsigned status : {400U, 401U, 404U, 413U, 500U, 301U}) {
    offer(512);
    answer(status);
    expected += 512;
    EXPECT_EQ(dropped(Dropped::kRefused), expected) << status;
    EXPECT_TRUE(exporter_.gathers());
  }
  EXPECT_EQ(sent_.size(), 6U);
  EXPECT_EQ(total_.retried, 0U);
}

TEST_F(ExporterTest, O4_PartialSuccessIsCountedNeverRetriedAndSaidOnceAnInterval) {
  const Answer partial{.status = 200, .retry_after = {}, .rejected = 3, .message = "no room for spans"};
  for (int i = 0; i < 5; ++i) {
    offer(512);
    answer(partial);
  }
  EXPECT_EQ(total_.rejected, 15U);
  EXPECT_EQ(total_.sent, 5U * 509);
  EXPECT_EQ(total_.retried, 0U);
  EXPECT_EQ(complaints_, std::vector<std::string>{"the receiver left out 3 items: no room for spans"});
  now_ += Exporter::kQuiet;
  offer(512);
  answer(partial);
  EXPECT_EQ(complaints_.size(), 2U);
}

TEST_F(ExporterTest, O4_AMessageWithoutRejectedItemsIsAWarning) {
  offer(512);
  answer({.status = 200, .retry_after = {}, .message = "use the new endpoint"});
  EXPECT_EQ(total_.sent, 512U);
  EXPECT_EQ(complaints_, std::vector<std::string>{"the receiver warns: use the new endpoint"});
}

TEST_F(ExporterTest, O5_AReceiverThatNeverAnswersCostsItsBatchesAndIsUsedAgainWhenItDoes) {
  offer(512);
  for (int i = 0; i < 4; ++i) {
    now_ += 10s;  // the transport's time-out
    nothing();
    pass(10s);
  }
  now_ += 10s;
  nothing();
  EXPECT_EQ(dropped(Dropped::kRetries), 512U);
  EXPECT_EQ(complaints_, std::vector<std::string>{"512 items dropped: no answer: timed out"});
  offer(512);
  answer(200);
  EXPECT_EQ(total_.sent, 512U);
}

TEST_F(ExporterTest, O5_WhatFoundTheQueueFullIsCounted) {
  lost_ = 7;
  offer(512);
  answer(200);
  EXPECT_EQ(dropped(Dropped::kQueue), 7U);
  EXPECT_EQ(total_.sent, 512U);
}

TEST_F(ExporterTest, O6_AReceiverThatWasAwayForTenMinutesGetsWhatComesThen) {
  for (const Instant until = now_ + 10min; now_ < until;) {
    if (exporter_.sends()) nothing();
    offer(exporter_.gathers() ? 100 : 0);
    pass(1s);
  }
  while (exporter_.sends()) {
    nothing();
    pass(10s);
  }
  const std::uint64_t before = total_.sent;
  EXPECT_EQ(before, 0U);
  offer(512);
  while (!exporter_.sends()) pass(1s);
  answer(200);
  EXPECT_GE(total_.sent, 1U);
}

TEST_F(ExporterTest, TooLongARequestIsDroppedUnsent) {
  body_ = std::string(Exporter::kMaxRequest + 1, 'x');
  offer(512);
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(dropped(Dropped::kTooLarge), 512U);
}

TEST_F(ExporterTest, TooLongAnAnswerIsDroppedUnread) {
  offer(512);
  answer({.came = Answer::Came::kTooLong, .retry_after = {}, .message = {}});
  EXPECT_EQ(dropped(Dropped::kAnswer), 512U);
  EXPECT_EQ(total_.retried, 0U);
}

TEST_F(ExporterTest, HurriedSendsWhatThereIsAtOnce) {
  offer(3);
  exporter_.hurry();
  pass(0s);
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(ExporterTest, StoppedCountsWhatIsOnItsWay) {
  offer(512);
  exporter_.stop();
  EXPECT_EQ(dropped(Dropped::kStopped), 512U);
  answer(200);
  EXPECT_EQ(total_.sent, 0U);
}

}  // namespace
}  // namespace telemetry_otlp
