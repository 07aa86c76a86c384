// D19: what becomes of many calls, retried by three layers, when the other side is down.
#include "pipeline/start.hpp"
#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

struct StormTest : PipelineTest {
  struct Later : Timer {
    explicit Later(Completion<int, int> its_done)
        : Timer([](Timer& timer, Moment) noexcept {
            const std::unique_ptr<Later> self(static_cast<Later*>(&timer));
            self->done(std::unexpected(503));
          }),
          done(std::move(its_done)) {}
    Completion<int, int> done;
  };
  // 100 at once; each attempt fails after 10 ms. The calls that reach the other side.
  int callsOf(const std::shared_ptr<const Pipeline>& pipeline) {
    int told = 0;
    for (int i = 0; i < 100; ++i)
      start<int, int>(
          pipeline, scheduler, repeatable(),
          [&](Attempt&, Completion<int, int> done) {
            ++calls;
            scheduler.at(scheduler.now() + ms(10), *std::make_unique<Later>(std::move(done)).release());
          },
          [&](const Outcome<int, int>&) noexcept { ++told; });
    scheduler.move(ms(60000));
    EXPECT_EQ(told, 100);
    return calls;
  }
};

TEST_F(StormTest, D19_ThreeLayersOfThreeAre27CallsEach) {
  EXPECT_EQ(callsOf(std::make_shared<const Pipeline>(of(retry(3), retry(3), retry(3)))), 2700);
}

TEST_F(StormTest, D19_OneBudgetForAllBoundsThem) {
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{.rate = 0.2, .min_concurrent = 1});
  const int made =
      callsOf(std::make_shared<const Pipeline>(of(retry(3, budget), retry(3, budget), retry(3, budget))));
  EXPECT_GE(made, 120) << "a fifth of them may be retried at once";
  // 20 are tried again while all 100 are there, then a fifth of those that are left, and one at a time at the end.
  EXPECT_LE(made, 100 + 20 + 4 + 27);
  EXPECT_EQ(budget->levels().calls, 0u);
  EXPECT_EQ(budget->levels().retries, 0u);
}

}  // namespace
}  // namespace revenge::resilience
