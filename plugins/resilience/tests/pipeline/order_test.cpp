#include "pipeline/order.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

struct OrderTest : testing::Test {
  static DeclaredLayer layer(std::string_view word) {
    return {std::string(word), std::string(word), *defaultsOf(word), ""};
  }
  static std::vector<DeclaredLayer> list(std::initializer_list<std::string_view> words) {
    std::vector<DeclaredLayer> layers;
    for (const std::string_view word : words) {
      layers.push_back(layer(word));
      if (word == "attempt_timeout")
        std::get<TimeoutSettings>(layers.back().settings).limit = std::chrono::seconds(6);
    }
    return layers;
  }
  static std::string told(const std::vector<DeclaredLayer>& layers, Repeat repeat = Repeat::kSafe) {
    std::string all;
    for (const OrderFinding& finding : checkOrder(layers, repeat))
      all += (finding.gravity == Gravity::kRefused ? "! " : "") + finding.key + " " + finding.why + "\n";
    return all;
  }
  static bool tells(const std::vector<DeclaredLayer>& layers, std::string_view text,
                    Repeat repeat = Repeat::kSafe) {
    return told(layers, repeat).find(text) != std::string::npos;
  }
};

TEST_F(OrderTest, TheRecommendedOrderIsNotRemarkedUpon) {
  EXPECT_EQ(told(list({"fallback", "timeout", "retry", "breaker", "rate", "bulkhead", "attempt_timeout"})),
            "");
  EXPECT_EQ(told(list({"fallback", "timeout", "coalesce", "retry", "hedge", "breaker", "keyed_rate",
                       "adaptive", "attempt_timeout"})),
            "");
}

TEST_F(OrderTest, EveryWordHasItsKindAndDefaults) {
  for (const auto word : {"fallback", "timeout", "attempt_timeout", "retry", "breaker", "rate", "keyed_rate",
                          "bulkhead", "adaptive", "hedge", "coalesce"})
    EXPECT_EQ(layer(word).kind(), *kindOf(word)) << word;
  EXPECT_FALSE(kindOf("cache"));
  EXPECT_FALSE(defaultsOf(""));
}

TEST_F(OrderTest, F2_ABreakerAroundARetry) {
  EXPECT_TRUE(tells(list({"timeout", "breaker", "retry", "attempt_timeout"}),
                    "1: breaker around a retry it sees one failure"));
}

TEST_F(OrderTest, SlotsAndPermitsAroundARetry) {
  EXPECT_TRUE(tells(list({"timeout", "bulkhead", "retry", "attempt_timeout"}),
                    "1: bulkhead around a retry its slot"));
  EXPECT_TRUE(tells(list({"timeout", "adaptive", "retry", "attempt_timeout"}), "1: adaptive around a retry"));
  EXPECT_TRUE(tells(list({"timeout", "rate", "retry", "attempt_timeout"}), "1: rate around a retry"));
  EXPECT_TRUE(tells(list({"timeout", "hedge", "retry", "attempt_timeout"}), "1: hedge around a retry"));
}

TEST_F(OrderTest, AFallbackThatIsNotOutermost) {
  EXPECT_TRUE(tells(list({"timeout", "fallback"}), "1: fallback inside of a timeout"));
  EXPECT_TRUE(tells(list({"breaker", "fallback", "timeout"}), "1: fallback inside of a breaker"));
  EXPECT_TRUE(tells(list({"rate", "fallback", "timeout"}), "1: fallback does not answer"));
}

TEST_F(OrderTest, NoTimeoutAtAll) {
  EXPECT_TRUE(tells(list({"breaker"}), "has no timeout"));
  EXPECT_EQ(told({}), "");
}

TEST_F(OrderTest, ARetryWithoutTimeoutsAroundOrInside) {
  EXPECT_TRUE(tells(list({"retry", "attempt_timeout"}), "0: retry without a timeout around it"));
  EXPECT_TRUE(tells(list({"timeout", "retry"}), "1: retry without a timeout inside"));
  EXPECT_TRUE(tells(list({"attempt_timeout", "retry"}), "0: attempt_timeout around a retry"));
}

TEST_F(OrderTest, CallsThatAreNotSafeToRepeat) {
  EXPECT_TRUE(tells(list({"timeout", "hedge"}), "never starts a second attempt", Repeat::kUnsafe));
  EXPECT_TRUE(
      tells(list({"timeout", "retry", "attempt_timeout"}), "only refusals are retried", Repeat::kUnsafe));
}

TEST_F(OrderTest, D19_RetriesThatMultiplyWithoutASharedBudget) {
  auto layers = list({"timeout", "retry", "retry", "retry", "attempt_timeout"});
  EXPECT_TRUE(tells(layers, "one call may become 27"));
  for (DeclaredLayer& one : layers) one.budget = "upstream";
  EXPECT_FALSE(tells(layers, "27"));
}

TEST_F(OrderTest, TimesThatDoNotFitIntoEachOther) {
  auto layers = list({"timeout", "retry", "bulkhead", "attempt_timeout"});
  std::get<TimeoutSettings>(layers[0].settings).limit = std::chrono::milliseconds(100);
  EXPECT_TRUE(tells(layers, "1: retry never retries"));
  EXPECT_TRUE(tells(layers, "2: bulkhead max_wait"));
  EXPECT_TRUE(tells(layers, "3: attempt_timeout never fires"));
}

TEST_F(OrderTest, TheSameBulkheadTwiceIsRefused) {
  EXPECT_TRUE(tells(list({"timeout", "bulkhead", "bulkhead"}),
                    "! 2: bulkhead is the bulkhead `bulkhead` a second time"));
}

TEST_F(OrderTest, TooManyLayersAreRefused) {
  std::vector<DeclaredLayer> layers(kMaxLayers + 1, layer("rate"));
  EXPECT_TRUE(tells(layers, "!  has 13 layers"));
}

TEST_F(OrderTest, ASettingOutOfRangeIsRefusedByItsKey) {
  auto layers = list({"timeout", "retry", "hedge", "breaker", "coalesce"});
  std::get<TimeoutSettings>(layers[0].settings).limit = Duration(0);
  std::get<RetrySettings>(layers[1].settings).backoff.multiplier = std::nan("");
  std::get<HedgeSettings>(layers[2].settings).max_hedges = 99;
  std::get<BreakerSettings>(layers[3].settings).failures = -1;
  std::get<CoalesceSettings>(layers[4].settings).max_keys = 0;
  for (const auto key : {"! 0: timeout.limit", "! 1: retry.backoff.multiplier", "! 2: hedge.max_hedges",
                         "! 3: breaker.failures", "! 4: coalesce.max_keys"})
    EXPECT_TRUE(tells(layers, key)) << key << "\n" << told(layers);
}

}  // namespace
}  // namespace revenge::resilience
