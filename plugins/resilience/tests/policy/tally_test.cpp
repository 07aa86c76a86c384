#include "policy/tally.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

constexpr std::uintptr_t kKiB = 1024;
constexpr std::uintptr_t kStack = 0x7f4e'5761'beb0;

TEST(Tally, NeighbouringStacksCountInDifferentPlaces) {
  for (std::uintptr_t apart = 256 * kKiB; apart <= 8192 * kKiB; apart *= 2)
    for (std::uintptr_t i = 0; i < 1000; ++i)
      EXPECT_NE(Tally<1>::stripeOf(kStack + i * apart), Tally<1>::stripeOf(kStack + (i + 1) * apart))
          << apart;
}

TEST(Tally, AGuardPageBetweenStacksHardlyChangesThat) {
  constexpr std::uintptr_t kApart = 8196 * kKiB;
  int shared = 0;
  for (std::uintptr_t i = 0; i < 1000; ++i)
    shared +=
        Tally<1>::stripeOf(kStack + i * kApart) == Tally<1>::stripeOf(kStack + (i + 1) * kApart) ? 1 : 0;
  EXPECT_LE(shared, 20);
}

TEST(Tally, ManyThreadsUseEveryPlace) {
  std::set<std::size_t> used;
  for (std::uintptr_t i = 0; i < 16; ++i) used.insert(Tally<1>::stripeOf(kStack + i * 8192 * kKiB));
  EXPECT_EQ(used, (std::set<std::size_t>{0, 1, 2, 3}));
}

TEST(Tally, SumsWhatAllThreadsHaveAdded) {
  Tally<2> tally;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 5; ++i)
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) tally.add(1, 2);
      });
  }
  EXPECT_EQ(tally.sum(1), 10'000u);
  EXPECT_EQ(tally.sum(0), 0u);
}

}  // namespace
}  // namespace revenge::resilience
