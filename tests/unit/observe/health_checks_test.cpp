#include "observe/health_checks.hpp"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;
using Answer = HealthChecks::Answer;

class HealthChecksTest : public testing::Test {
 protected:
  void check(Affects affects, CheckSpec spec = {}) {
    spec.component = "plugin/store";
    spec.name = "database";
    spec.affects = affects;
    check_.emplace(checks.add(std::move(spec), [this](Answer answer) {
      ++asked;
      if (hangs) {
        late = std::move(answer);
      } else {
        answer(result);
      }
    }));
    pass(0s);
  }
  void pass(base::Duration time) { scheduler.advance(time); }
  HealthEntry entry() const { return health.report().entries.at(0); }
  Verdict ready() const { return health.report().verdict(Probe::kReady); }

  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  Health health{scheduler.clock()};
  HealthChecks checks{health, scheduler};
  std::optional<HealthChecks::Check> check_;
  base::Result<> result;
  bool hangs = false;
  Answer late;
  int asked = 0;
};

TEST_F(HealthChecksTest, IsAskedAtOnceAndThenAtItsPeriod) {
  check(Affects::kReadiness);
  EXPECT_EQ(asked, 1);
  pass(9999ms);
  EXPECT_EQ(asked, 1);
  pass(1ms);
  EXPECT_EQ(asked, 2);
}

TEST_F(HealthChecksTest, TheFirstResultPendingIsNotReadyAndNotFailed) {
  hangs = true;
  check(Affects::kReadiness);
  EXPECT_EQ(ready(), Verdict::kFail);
  EXPECT_TRUE(entry().pending);
  EXPECT_EQ(verdictOf(entry()), Verdict::kWarn);
  late({});
  EXPECT_EQ(ready(), Verdict::kPass);
}

TEST_F(HealthChecksTest, ACriticalOneFailsAtItsThresholdAndPassesAtItsOwn) {
  check(Affects::kReadiness, {.failure_threshold = 3, .success_threshold = 2});
  EXPECT_EQ(ready(), Verdict::kFail);  // one success of two
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kPass);
  result = base::fail(base::Errc::kFailed, "away");
  pass(10s);
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kPass);
  EXPECT_EQ(entry().reason, "away");
  EXPECT_EQ(verdictOf(entry()), Verdict::kWarn);
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kFail);
  EXPECT_EQ(verdictOf(entry()), Verdict::kFail);
  result = {};
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kFail);
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kPass);
}

TEST_F(HealthChecksTest, H1_OneThatIsNotCriticalOnlyWarns) {
  result = base::fail(base::Errc::kFailed, "database down");
  check(Affects::kDetail, {.failure_threshold = 1});
  const HealthReport report = health.report();
  EXPECT_EQ(report.verdict(Probe::kReady), Verdict::kWarn);
  EXPECT_EQ(report.verdict(Probe::kLive), Verdict::kPass);
  EXPECT_EQ(report.verdict(Probe::kStartup), Verdict::kPass);
}

TEST_F(HealthChecksTest, H1_ACriticalOneMakesItNotReadyButLiveAndStarted) {
  result = base::fail(base::Errc::kFailed, "database down");
  check(Affects::kReadiness, {.failure_threshold = 1});
  const HealthReport report = health.report();
  EXPECT_EQ(rowOf(report.verdict(Probe::kReady)).http, 503U);
  EXPECT_EQ(report.verdict(Probe::kLive), Verdict::kPass);
  EXPECT_EQ(report.verdict(Probe::kStartup), Verdict::kPass);
}

TEST_F(HealthChecksTest, H2_OneThatHangsFailsByItsDeadlineAndIsNotAskedTwice) {
  check(Affects::kReadiness);
  hangs = true;
  pass(10s);
  pass(999ms);
  EXPECT_EQ(entry().reason, "");
  pass(1ms);
  EXPECT_EQ(entry().reason, "no answer within 1000 ms");
  EXPECT_EQ(ready(), Verdict::kPass);
  pass(9s);
  pass(10s);
  EXPECT_EQ(ready(), Verdict::kFail);
  EXPECT_EQ(asked, 2);
}

TEST_F(HealthChecksTest, AnAnswerAfterItsDeadlineCountsNotAndOpensTheWayForTheNextQuestion) {
  check(Affects::kReadiness, {.failure_threshold = 1});
  hangs = true;
  pass(11s);
  EXPECT_EQ(ready(), Verdict::kFail);
  hangs = false;
  late({});
  EXPECT_EQ(ready(), Verdict::kFail);
  pass(9s);
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(ready(), Verdict::kPass);
}

TEST_F(HealthChecksTest, OneThatHasEndedIsNotAskedAndWhatItStillAnswersIsNotHeard) {
  hangs = true;
  check(Affects::kReadiness);
  check_.reset();
  late(base::fail(base::Errc::kFailed, "too late"));
  pass(60s);
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(health.report().entries.empty());
}

TEST_F(HealthChecksTest, TellsHowOldItsResultIs) {
  check(Affects::kDetail);
  pass(4s);
  EXPECT_EQ(health.report().at - *entry().checked, 4s);
}

}  // namespace
}  // namespace revenge::observe
