// Attempts beside each other.

#include <stdexcept>

#include "start_fixture.hpp"

namespace revenge::resilience {
namespace {

using HedgeTest = StartTest;

TEST_F(HedgeTest, E8_AFastBodyIsNotHedged) {
  const auto layer = hedge(ms(1000), 1);
  start<int, std::string>(sharedOf(layer), scheduler, repeatable(), taking({1}), into(outcome));
  scheduler.move(ms(5000));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(layer->hedges(), 0u);
  EXPECT_EQ(outcome->value(), 1);
}

TEST_F(HedgeTest, E8_TheFirstToEndWinsAndTheOthersAreCancelled) {
  const auto layer = hedge(ms(10), 2);
  start<int, std::string>(sharedOf(layer), scheduler, repeatable(), taking({100}), into(outcome, &ended_at));
  scheduler.move(ms(99));
  EXPECT_EQ(calls, 3);
  EXPECT_FALSE(tokens[1].stop_requested());
  scheduler.move(ms(1));
  EXPECT_EQ(outcome->value(), 1);
  EXPECT_EQ(ended_at, at(100));
  EXPECT_EQ(layer->hedges(), 2u);
  EXPECT_TRUE(tokens[1].stop_requested());
  EXPECT_TRUE(tokens[2].stop_requested());
  scheduler.move(ms(100));
}

TEST_F(HedgeTest, E8_AHedgeMayWin) {
  const auto layer = hedge(ms(10), 1);
  start<int, std::string>(sharedOf(layer), scheduler, repeatable(), taking({1000, 5}),
                          into(outcome, &ended_at));
  scheduler.move(ms(15));
  EXPECT_EQ(outcome->value(), 2);
  EXPECT_EQ(layer->won(), 1u);
  EXPECT_TRUE(tokens[0].stop_requested());
  scheduler.move(ms(1000));
}

TEST_F(HedgeTest, E8_WithoutDelayAllStartAndTheAcceptableOneWins) {
  start<int, std::string>(
      sharedOf(hedge(ms(0), 2)), scheduler, repeatable(),
      [&](Attempt& attempt, Done done) {
        const int number = ++calls;
        if (number != 3) attempt.judge({Verdict::kFailure, {}, Again::kAllowed});
        later(ms(number), std::move(done), number);
      },
      into(outcome));
  scheduler.move(ms(10));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(outcome->value(), 3);
}

TEST_F(HedgeTest, E8_WithNothingAcceptableTheLastIsTold) {
  start<int, std::string>(
      sharedOf(hedge(ms(0), 2)), scheduler, repeatable(),
      [&](Attempt&, Done done) {
        const int number = ++calls;
        later(ms(number), std::move(done), std::unexpected(std::to_string(number)));
      },
      into(outcome));
  scheduler.move(ms(10));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(outcome->error().error, "3");
}

TEST_F(HedgeTest, E8_WithoutBudgetTheFirstStillAnswers) {
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{.rate = 0, .min_concurrent = 0});
  start<int, std::string>(sharedOf(hedge(ms(10), 2, budget)), scheduler, repeatable(), taking({100}),
                          into(outcome));
  EXPECT_EQ(budget->levels().calls, 1u);
  scheduler.move(ms(100));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome->value(), 1);
  EXPECT_EQ(budget->levels().calls, 0u);
}

TEST_F(HedgeTest, E8_AHedgeHoldsItsPlaceInTheBudgetUntilItEnds) {
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{.rate = 0, .min_concurrent = 1});
  start<int, std::string>(sharedOf(hedge(ms(10), 2, budget)), scheduler, repeatable(), taking({100}),
                          into(outcome));
  scheduler.move(ms(50));
  EXPECT_EQ(calls, 2) << "the second hedge is refused";
  EXPECT_EQ(budget->levels().retries, 1u);
  scheduler.move(ms(100));
  EXPECT_EQ(budget->levels().retries, 0u);
}

TEST_F(HedgeTest, E8_DuringTheWarmUpOfTheQuantileNothingIsHedged) {
  HedgeSettings settings;
  settings.quantile = QuantileSettings{};
  const auto layer = std::make_shared<Hedge>("hedge", settings, nullptr);
  const auto pipeline = sharedOf(layer);
  for (int i = 0; i < 20; ++i) {
    outcome.reset();
    start<int, std::string>(pipeline, scheduler, repeatable(), taking({10}), into(outcome));
    scheduler.move(ms(10));
  }
  EXPECT_EQ(layer->hedges(), 0u);
  outcome.reset();
  start<int, std::string>(pipeline, scheduler, repeatable(), taking({500}), into(outcome));
  scheduler.move(ms(12));
  EXPECT_EQ(layer->hedges(), 1u) << "slower than the others were";
  scheduler.move(ms(1000));
}

TEST_F(HedgeTest, WhatIsNotRepeatableIsNotHedged) {
  const auto layer = hedge(ms(10), 2);
  start<int, std::string>(sharedOf(layer), scheduler, {}, taking({100}), into(outcome));
  scheduler.move(ms(100));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome->value(), 1);
}

TEST_F(HedgeTest, ATimeoutAroundAHedgeStopsAllOfIt) {
  const auto slots = bulkhead(5);
  start<int, std::string>(sharedOf(timeout(ms(50), TimeoutStyle::kDetached), hedge(ms(10), 2), slots),
                          scheduler, repeatable(), taking({200}), into(outcome, &ended_at));
  scheduler.move(ms(50));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(ended_at, at(50));
  for (const std::stop_token& token : tokens) EXPECT_TRUE(token.stop_requested());
  EXPECT_EQ(slots->running(), 3);
  scheduler.move(ms(500));
  EXPECT_EQ(slots->running(), 0);
}

}  // namespace
}  // namespace revenge::resilience
