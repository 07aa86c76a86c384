#include "pipeline/static_pipeline.hpp"

#include <random>

#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

using StaticPipelineTest = PipelineTest;

TEST_F(StaticPipelineTest, F5_TheDefaultOrderAnswersByTheFallback) {
  const auto answers = fallback();
  const auto again = retry(3);
  const auto circuit = breaker(5);
  const StaticPipeline pipeline(*answers, *again, *circuit);
  const auto outcome =
      pipeline.run(scheduler, repeatable(), alwaysFailing(),
                   [](const Failure<std::string>&) -> std::expected<int, std::string> { return 7; });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(outcome.value(), 7);
  EXPECT_EQ(circuit->report(scheduler.now()).counts.failures, 3);
}

TEST_F(StaticPipelineTest, WaitsForASlotAndForTheBackoff) {
  const auto again = retry(growing(2));
  const auto slots = bulkhead(1, 1, ms(80));
  const auto slot = slots->acquire(at(0));
  const StaticPipeline pipeline(*again, *slots);
  const auto outcome = pipeline.run(scheduler, repeatable(), failing(0));
  EXPECT_EQ(outcome.error().ending.rejection.full, FullReason::kWaitTimeout);
  EXPECT_EQ(scheduler.now(), at(80));
  slots->settle(slot->permit, Verdict::kSuccess, at(80));
  EXPECT_EQ(pipeline.run(scheduler, repeatable(), failing(1)).value(), 1);
  EXPECT_EQ(scheduler.now(), at(180));
  EXPECT_EQ(slots->running(), 0);
}

// One set of policies for each form.
struct Set {
  std::shared_ptr<Fallback> answers = PipelineTest::fallback();
  std::shared_ptr<Timeout> total = PipelineTest::timeout(ms(600));
  std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>(RetryBudgetSettings{});
  std::shared_ptr<Retry> outer = PipelineTest::retry(PipelineTest::growing(2), budget);
  std::shared_ptr<Retry> inner = PipelineTest::retry(PipelineTest::growing(3), budget);
  std::shared_ptr<Breaker> circuit = PipelineTest::breaker(6);
  std::shared_ptr<RateLimiter> limit = PipelineTest::rate(20, 5, ms(70));
  std::shared_ptr<Bulkhead> slots = PipelineTest::bulkhead(2);
  std::shared_ptr<AdaptiveLimiter> learned =
      std::make_shared<AdaptiveLimiter>("adaptive", AdaptiveLimiterSettings{});
  std::shared_ptr<Timeout> each = PipelineTest::timeout(ms(50));
  ManualScheduler scheduler;
};

TEST_F(StaticPipelineTest, MeansWhatTheSameLayersMeanAsData) {
  Set a;
  Set b;
  const Pipeline data =
      of(a.answers, a.total, a.outer, a.inner, a.circuit, a.limit, a.slots, a.learned, a.each);
  const StaticPipeline inlined(*b.answers, *b.total, *b.outer, *b.inner, *b.circuit, *b.limit, *b.slots,
                               *b.learned, *b.each);
  std::mt19937 random(11);
  std::array<int, 3> seen{};
  for (int i = 0; i < 5000; ++i) {
    const auto seed = random();
    const auto go = [&](ManualScheduler& its_scheduler, auto&& form) {
      std::mt19937 own(static_cast<std::uint32_t>(seed));
      its_scheduler.move(ms(static_cast<std::int64_t>(own() % 100)));
      std::stop_source stop;
      Call call;
      call.repeat = own() % 4 == 0 ? Repeat::kUnsafe : Repeat::kSafe;
      call.stop = stop.get_token();
      if (own() % 3 == 0) call.deadline = its_scheduler.now() + ms(static_cast<std::int64_t>(own() % 400));
      const bool fails = own() % 3 != 0;
      return form(
          call,
          [&](Attempt& attempt) -> std::expected<int, int> {
            its_scheduler.move(ms(static_cast<std::int64_t>(own() % 60)));
            if (own() % 30 == 0) stop.request_stop();
            attempt.judge({static_cast<Verdict>(fails && own() % 2 == 0 ? 1 + own() % 4 : 0),
                           ms(own() % 5 == 0 ? 150 : 0), own() % 9 == 0 ? Again::kNever : Again::kAllowed});
            return fails ? std::expected<int, int>(std::unexpected(static_cast<int>(own() % 5))) : 1;
          },
          [&](const Failure<int>&) -> std::expected<int, int> {
            return own() % 2 == 0 ? std::expected<int, int>(2) : std::unexpected(9);
          });
    };
    const auto first = go(a.scheduler, [&](const Call& call, auto body, auto answer) {
      return run(data, a.scheduler, call, body, answer);
    });
    const auto second = go(b.scheduler, [&](const Call& call, auto body, auto answer) {
      return inlined.run(b.scheduler, call, body, answer);
    });
    ASSERT_EQ(a.scheduler.now(), b.scheduler.now()) << i;
    ASSERT_EQ(first.has_value(), second.has_value()) << i;
    if (first) {
      ASSERT_EQ(*first, *second);
      ++seen[0];
      continue;
    }
    const Ending& one = first.error().ending;
    const Ending& other = second.error().ending;
    ASSERT_EQ(one.cause, other.cause) << i;
    ASSERT_EQ(one.verdict, other.verdict) << i;
    ASSERT_EQ(one.attempts, other.attempts) << i;
    ASSERT_EQ(one.elapsed, other.elapsed) << i;
    ASSERT_TRUE(one.cause != Cause::kPolicy || one.rejection == other.rejection) << i;
    ++seen[one.cause == Cause::kPolicy ? 2 : 1];
  }
  for (const int count : seen) EXPECT_GT(count, 20);
  EXPECT_EQ(a.circuit->report(a.scheduler.now()).outcomes, b.circuit->report(b.scheduler.now()).outcomes);
  EXPECT_EQ(b.slots->running(), 0);
  EXPECT_EQ(b.learned->running(), 0);
  EXPECT_EQ(b.budget->levels().calls, 0u);
  EXPECT_EQ(b.budget->levels().retries, 0u);
}

}  // namespace
}  // namespace revenge::resilience
