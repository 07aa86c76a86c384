// Many passages at once, driven by chance. REVENGE_SEED repeats a run.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>

#include "pipeline/passage.hpp"
#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

using PassageRandomTest = PipelineTest;

// Many runs at once, each driven by chance: settled in any way, timed out, detached, cancelled or dropped.
struct Driven final : Passage::Waker {
  Driven(const Pipeline& pipeline, std::stop_source its_stop, Duration deadline, Moment now)
      : stop(std::move(its_stop)),
        call{now + deadline, "key", stop.get_token(), Priority::kBrowsing, Repeat::kSafe},
        passage(pipeline, call, HasFallback::kYes, this) {}
  void wake() noexcept override { woken = true; }
  std::stop_source stop;
  Call call;
  Passage passage;
  Step step;
  bool woken = false;
};

TEST_F(PassageRandomTest, F7_AnyInterleavingGivesEveryPermitBack) {
  const char* const given = std::getenv("REVENGE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "REVENGE_SEED=" << seed << '\n';
  std::mt19937_64 random(seed);
  const auto one_of = [&](std::uint64_t n) { return random() % n; };
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{});
  const auto learned = std::make_shared<AdaptiveLimiter>("adaptive", AdaptiveLimiterSettings{});
  const auto queue = bulkhead(3, 4, ms(30));
  const auto fragile = breaker(4);
  const Pipeline pipeline =
      of(fallback(), timeout(ms(400)), retry(growing(3), budget), fragile, rate(500, 20, ms(40)), queue,
         learned, timeout(ms(50), TimeoutStyle::kDetached));
  std::vector<std::unique_ptr<Driven>> runs;
  std::vector<std::unique_ptr<KeptSlots>> bodies;
  std::uint64_t ended = 0, begun = 0;
  Moment now = at(0);
  for (int i = 0; i < 200000; ++i) {
    now = now + ms(static_cast<std::int64_t>(one_of(8)));
    if (runs.size() < 12 && one_of(2) == 0) {
      runs.push_back(std::make_unique<Driven>(pipeline, std::stop_source(),
                                              ms(static_cast<std::int64_t>(one_of(600)) + 1), now));
      runs.back()->step = runs.back()->passage.begin(now);
      ++begun;
    }
    if (!bodies.empty() && one_of(4) == 0) {
      bodies.back()->release(now);
      bodies.pop_back();
    }
    if (runs.empty()) continue;
    const std::size_t index = one_of(runs.size());
    Driven& driven = *runs[index];
    if (one_of(40) == 0) driven.stop.request_stop();
    switch (driven.step.kind) {
      case StepKind::kGranted:
        if (one_of(20) == 0) {
          driven.passage.abandon(now);
          driven.step = {};
        } else if (driven.passage.limitAfter(Moment::ofNanoseconds(-1)).style == TimeoutStyle::kDetached &&
                   now >= driven.step.until) {
          bodies.push_back(std::make_unique<KeptSlots>());
          driven.step = driven.passage.detach(now, *bodies.back());
        } else {
          const auto verdict = static_cast<Verdict>(one_of(kVerdicts));
          driven.step =
              driven.passage.settle(now, Settlement{verdict, ms(one_of(3) == 0 ? 20 : 0),
                                                    one_of(9) == 0 ? Again::kNever : Again::kAllowed});
        }
        break;
      case StepKind::kQueued:
        if (!driven.woken && now >= driven.step.until) driven.passage.expire(now);
        if (!driven.woken && driven.stop.stop_requested()) {
          ASSERT_TRUE(driven.passage.cancelWait(now, driven.step));
        } else if (std::exchange(driven.woken, false)) {
          driven.step = driven.passage.woken(now);
        }
        break;
      case StepKind::kWait:
        if (one_of(10) == 0)
          ASSERT_TRUE(driven.passage.cancelWait(now, driven.step));
        else if (now >= driven.step.until)
          driven.step = driven.passage.resume(now);
        break;
      case StepKind::kFallback:
        driven.step = driven.passage.settle(
            now, {one_of(2) == 0 ? Verdict::kSuccess : Verdict::kFailure, {}, Again::kNever});
        break;
      case StepKind::kEnded:
        runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(index));
        ++ended;
        break;
    }
    ASSERT_LE(queue->running(), 3);
    ASSERT_GE(queue->running(), 0);
    ASSERT_GE(learned->running(), 0);
  }
  while (!runs.empty()) {
    Driven& driven = *runs.back();
    if (driven.step.kind == StepKind::kQueued && !driven.woken)
      (void)driven.passage.cancelWait(now, driven.step);
    if (driven.step.kind == StepKind::kQueued) driven.step = driven.passage.woken(now);
    runs.pop_back();
    ++ended;
  }
  for (const auto& body : bodies) body->release(now);
  EXPECT_EQ(begun, ended);
  EXPECT_GT(begun, 10000u);
  EXPECT_EQ(queue->running(), 0);
  EXPECT_EQ(queue->queued(), 0);
  EXPECT_EQ(queue->report().stray_releases, 0u);
  EXPECT_EQ(learned->running(), 0);
  EXPECT_EQ(learned->report().stray_releases, 0u);
  EXPECT_EQ(budget->levels().calls, 0u);
  EXPECT_EQ(budget->levels().retries, 0u);
}

}  // namespace
}  // namespace revenge::resilience
