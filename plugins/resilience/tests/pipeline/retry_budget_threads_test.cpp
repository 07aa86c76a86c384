#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/retry_budget.hpp"

namespace revenge::resilience {
namespace {

TEST(RetryBudgetThreads, D17_OneOf64GetsTheLastPlace) {
  constexpr int kThreads = 64;
  for (int round = 0; round < 20; ++round) {
    RetryBudget budget({.rate = 0, .min_concurrent = 5});
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(budget.beginRetry());
    std::atomic<int> winners = 0;
    std::barrier start(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        start.arrive_and_wait();
        if (budget.beginRetry()) ++winners;
      });
    threads.clear();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(budget.levels().retries, 5u);
  }
}

TEST(RetryBudgetThreads, NeverMoreThanTheShareAndNothingIsLeft) {
  RetryBudget budget({.rate = 0.5, .min_concurrent = 2});
  std::atomic<bool> over = false;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (int step = 0; step < 5000; ++step) {
          const RetryBudget::CallPlace call = budget.call();
          const RetryBudget::RetryPlace retry = budget.tryRetry();
          // 8 threads: at most 8 calls, so at most 4 retries whenever they are looked at.
          if (budget.levels().retries > 4) over = true;
        }
      });
  }
  EXPECT_FALSE(over);
  EXPECT_EQ(budget.levels().calls, 0u);
  EXPECT_EQ(budget.levels().retries, 0u);
}

TEST(RetryBudgetThreads, TokensAddUpUnderContention) {
  RetryBudget budget({.rule = BudgetRule::kTokens, .max_tokens = 1000, .token_ratio = 0.5});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int step = 0; step < 100; ++step) budget.failed();
        for (int step = 0; step < 100; ++step) budget.succeeded();
      });
  }
  EXPECT_EQ(budget.levels().tokens, 1000 - 400 + 200);
}

}  // namespace
}  // namespace revenge::resilience
