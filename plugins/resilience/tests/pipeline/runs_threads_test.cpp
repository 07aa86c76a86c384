// Many runs at once, on real threads: permits, budgets and outcomes add up, whatever meets whatever.
#include <atomic>
#include <random>
#include <semaphore>
#include <thread>

#include "pipeline/coroutine.hpp"
#include "pipeline/live_pipeline.hpp"
#include "pipeline/run.hpp"
#include "pipeline_fixture.hpp"
#include "thread_scheduler.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::microseconds;

struct RunsThreadsTest : PipelineTest {
  std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>(RetryBudgetSettings{});
  std::shared_ptr<Bulkhead> slots = bulkhead(3, 4, ms(2));
  std::shared_ptr<AdaptiveLimiter> learned =
      std::make_shared<AdaptiveLimiter>("adaptive", AdaptiveLimiterSettings{});

  static RetrySettings quick() {
    RetrySettings settings;
    settings.backoff.initial = microseconds(200);
    return settings;
  }
  void expectAllGivenBack() {
    EXPECT_EQ(slots->running(), 0);
    EXPECT_EQ(slots->queued(), 0);
    EXPECT_EQ(slots->report().stray_releases, 0u);
    EXPECT_EQ(learned->running(), 0);
    EXPECT_EQ(budget->levels().calls, 0u);
    EXPECT_EQ(budget->levels().retries, 0u);
  }
};

TEST_F(RunsThreadsTest, F7_SynchronousRunsNeverPassTheSlotsAndGiveThemBack) {
  ThreadScheduler threads;
  const Pipeline pipeline = of(fallback(), timeout(ms(50)), retry(quick(), budget), breaker(1000000), slots,
                               learned, timeout(microseconds(300)));
  std::atomic<int> inside = 0, most = 0, runs = 0, outcomes = 0;
  {
    std::vector<std::jthread> callers;
    for (unsigned caller = 0; caller < 6; ++caller)
      callers.emplace_back([&, caller] {
        std::mt19937 random(caller);
        for (int i = 0; i < 150; ++i) {
          std::stop_source stop;
          Call call = repeatable();
          call.stop = stop.get_token();
          ++runs;
          const auto outcome = run(pipeline, threads, call, [&](Attempt& attempt) -> std::expected<int, int> {
            const int now = ++inside;
            int seen = most;
            while (now > seen && !most.compare_exchange_weak(seen, now)) {
            }
            if (random() % 8 == 0) stop.request_stop();
            while (random() % 4 != 0 && !attempt.stopRequested()) std::this_thread::yield();
            --inside;
            if (random() % 3 == 0) throw 1;
            if (random() % 3 == 0) return std::unexpected(1);
            return 1;
          });
          if (outcome || outcome.error().ending.cause != Cause::kNone) ++outcomes;
        }
      });
  }
  EXPECT_LE(most, 3);
  EXPECT_EQ(outcomes, runs);
  expectAllGivenBack();
}

TEST_F(RunsThreadsTest, F7_DetachedHedgedAndCoalescedRunsEndOnceEach) {
  constexpr int kRuns = 600;
  std::atomic<int> told = 0;
  std::atomic<int> bodies = 0;
  {
    ThreadScheduler threads(3);
    HedgeSettings eager;
    eager.delay = microseconds(100);
    eager.max_hedges = 2;
    const auto pipeline = std::make_shared<const Pipeline>(of(
        timeout(ms(3), TimeoutStyle::kDetached), std::make_shared<Coalescer>("coalesce", CoalesceSettings{}),
        retry(quick(), budget), std::make_shared<Hedge>("hedge", eager, budget), slots, learned,
        timeout(microseconds(500), TimeoutStyle::kDetached)));
    std::vector<std::stop_source> stops(kRuns);
    std::mt19937 random(3);
    for (int i = 0; i < kRuns; ++i) {
      Call call = repeatable();
      call.stop = stops[static_cast<std::size_t>(i)].get_token();
      call.key = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "";
      start<int, int>(pipeline, threads, call,
                      apart(threads,
                            [&, seed = random()](Attempt& attempt) -> std::expected<int, int> {
                              ++bodies;
                              std::mt19937 own(static_cast<std::uint32_t>(seed));
                              for (auto turns = own() % 200; turns > 0 && !attempt.stopRequested(); --turns)
                                std::this_thread::sleep_for(microseconds(1));
                              --bodies;
                              if (own() % 4 == 0) return std::unexpected(1);
                              return 1;
                            }),
                      [&](Outcome<int, int>) noexcept {
                        ++told;
                        told.notify_all();
                      });
      if (random() % 5 == 0) stops[random() % static_cast<std::size_t>(i + 1)].request_stop();
    }
    for (int seen = told; seen != kRuns; seen = told) told.wait(seen);
    while (bodies != 0 || slots->running() != 0) std::this_thread::yield();
  }
  EXPECT_EQ(told, kRuns);
  expectAllGivenBack();
}

TEST_F(RunsThreadsTest, E2_RunApartReturnsWhileTheBodyStillWorks) {
  std::binary_semaphore release(0);
  const auto one = bulkhead(1);
  {
    ThreadScheduler threads;
    const auto pipeline = std::make_shared<const Pipeline>(of(one, timeout(ms(5), TimeoutStyle::kDetached)));
    const auto outcome = runApart(pipeline, threads, {}, [&](Attempt&) {
      release.acquire();
      return 1;
    });
    EXPECT_TRUE(outcome.error().is(RejectionKind::kTimeout));
    EXPECT_EQ(one->running(), 1);
    release.release();
    while (one->running() != 0) std::this_thread::yield();
  }
  EXPECT_EQ(one->report().stray_releases, 0u);
}

TEST_F(RunsThreadsTest, APipelineIsReplacedWhileCallsRun) {
  LivePipeline live(std::make_shared<const Pipeline>(of(slots)));
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> made = 0;
  {
    ThreadScheduler threads(1);
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i)
      callers.emplace_back([&] {
        while (!is_over) {
          const LivePipeline::Pin pin = live.pin();
          (void)run(*pin, threads, {}, [&](Attempt&) { ++made; });
        }
      });
    for (int i = 0; i < 300; ++i) {
      live.replace(std::make_shared<const Pipeline>(of(slots, timeout(ms(1000)))));
      std::this_thread::yield();
    }
    while (made < 1000) std::this_thread::yield();
    is_over = true;
  }
  live.replace(std::make_shared<const Pipeline>(of()));
  EXPECT_EQ(live.versions(), 1u);
  EXPECT_EQ(slots->running(), 0);
}

}  // namespace
}  // namespace revenge::resilience
