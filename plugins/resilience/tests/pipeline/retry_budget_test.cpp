#include "pipeline/retry_budget.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

struct RetryBudgetTest : testing::Test {
  static RetryBudget make(double rate, std::uint32_t min) {
    return RetryBudget({.rate = rate, .min_concurrent = min});
  }
  static void fill(RetryBudget& budget, int calls, int retries) {
    for (int i = 0; i < calls; ++i) budget.beginCall();
    for (int i = 0; i < retries; ++i) ASSERT_TRUE(budget.beginRetry());
  }
};

TEST_F(RetryBudgetTest, D15_TheTwentiethOfAHundredIsTheLast) {
  RetryBudget budget({.rate = 0.2, .min_concurrent = 3});
  fill(budget, 100, 19);
  EXPECT_TRUE(budget.beginRetry());
  EXPECT_FALSE(budget.beginRetry());
  EXPECT_EQ(budget.levels().refused, 1u);
}

TEST_F(RetryBudgetTest, D15_TheFloorHoldsWhereTheShareIsSmaller) {
  RetryBudget budget({.rate = 0.2, .min_concurrent = 3});
  fill(budget, 5, 2);
  EXPECT_TRUE(budget.beginRetry());
  EXPECT_FALSE(budget.beginRetry());
}

TEST_F(RetryBudgetTest, D15_TheShareIsOfWhatIsAlreadyUnderWay) {
  RetryBudget budget({.rate = 0.5, .min_concurrent = 1});
  fill(budget, 2, 1);
  EXPECT_FALSE(budget.beginRetry());
}

TEST_F(RetryBudgetTest, TheShareIsExactWhereBinaryFractionsAreNot) {
  RetryBudget budget({.rate = 0.29, .min_concurrent = 0});
  fill(budget, 100, 28);
  EXPECT_TRUE(budget.beginRetry()) << "0.29 x 100 is 28.999999999999996 as a double";
  EXPECT_FALSE(budget.beginRetry());
}

TEST_F(RetryBudgetTest, D18_APlaceIsGivenBackWhenTheAttemptThrows) {
  RetryBudget budget({.rate = 0, .min_concurrent = 1});
  const auto attempt = [&] {
    const RetryBudget::CallPlace call = budget.call();
    const RetryBudget::RetryPlace retry = budget.tryRetry();
    if (!retry) return;
    throw std::runtime_error("down");
  };
  EXPECT_THROW(attempt(), std::runtime_error);
  EXPECT_THROW(attempt(), std::runtime_error) << "the place is free again";
  EXPECT_EQ(budget.levels().calls, 0u);
  EXPECT_EQ(budget.levels().retries, 0u);
}

TEST_F(RetryBudgetTest, APlaceMovedIsGivenBackOnce) {
  RetryBudget budget({.rate = 0, .min_concurrent = 2});
  {
    RetryBudget::RetryPlace first = budget.tryRetry();
    RetryBudget::RetryPlace second = budget.tryRetry();
    second = std::move(first);
    EXPECT_EQ(budget.levels().retries, 1u);
  }
  EXPECT_EQ(budget.levels().retries, 0u);
}

TEST_F(RetryBudgetTest, TokensAreSpentByFailuresAndComeBackByTenths) {
  RetryBudget budget({.rule = BudgetRule::kTokens, .max_tokens = 10, .token_ratio = 0.1});
  for (int i = 0; i < 4; ++i) budget.failed();
  EXPECT_TRUE(budget.beginRetry()) << "6 of 10";
  budget.endRetry();
  budget.failed();
  EXPECT_FALSE(budget.beginRetry()) << "half is not more than half";
  budget.succeeded();
  EXPECT_TRUE(budget.beginRetry()) << "5.1 of 10";
  budget.endRetry();
}

TEST_F(RetryBudgetTest, TokensStayBetweenNoneAndTheMaximum) {
  RetryBudget budget({.rule = BudgetRule::kTokens, .max_tokens = 10, .token_ratio = 0.3});
  for (int i = 0; i < 50; ++i) budget.failed();
  EXPECT_EQ(budget.levels().tokens, 0);
  for (int i = 0; i < 50; ++i) budget.succeeded();
  EXPECT_EQ(budget.levels().tokens, 10);
}

TEST_F(RetryBudgetTest, AChangeKeepsWhatIsUnderWay) {
  RetryBudget budget({.rate = 0.5, .min_concurrent = 1});
  fill(budget, 10, 5);
  budget.reconfigure({.rate = 0.2, .min_concurrent = 1});
  EXPECT_FALSE(budget.beginRetry());
  for (int i = 0; i < 4; ++i) budget.endRetry();
  EXPECT_TRUE(budget.beginRetry());
  EXPECT_FALSE(budget.beginRetry());
}

TEST_F(RetryBudgetTest, ASettingOutOfRangeIsRefusedByItsKey) {
  EXPECT_FALSE(problem(RetryBudgetSettings{}));
  EXPECT_EQ(problem(RetryBudgetSettings{.rate = std::nan("")})->key, "rate");
  EXPECT_EQ(problem(RetryBudgetSettings{.rate = -0.1})->key, "rate");
  EXPECT_EQ(problem(RetryBudgetSettings{.max_tokens = 0})->key, "max_tokens");
  EXPECT_EQ(problem(RetryBudgetSettings{.token_ratio = 0})->key, "token_ratio");
  EXPECT_EQ(problem(RetryBudgetSettings{.token_ratio = std::nan("")})->key, "token_ratio");
}

}  // namespace
}  // namespace revenge::resilience
