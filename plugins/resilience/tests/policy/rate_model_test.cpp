// The rate limiter against a bucket of tokens that is filled by the clock: a million random steps, one thread; and C9, the bound on
// every interval.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "policy/rate_limiter.hpp"
#include "seed.hpp"

namespace revenge::resilience {
namespace {

// Credit in nanoseconds: what is there, filled up to the depth as time passes; negative is owed.
struct Tokens {
  std::int64_t interval;
  std::int64_t burst;
  std::int64_t credit;
  Moment filled_at;

  void fill(Moment now) {
    credit = std::min(interval * burst, credit + (now - filled_at).count());
    filled_at = now;
  }
  std::optional<Duration> take(Moment now, std::int64_t permits, Duration most_wait) {
    fill(now);
    const std::int64_t after = credit - permits * interval;
    const Duration wait(std::max<std::int64_t>(0, -after));
    if (wait > most_wait) return std::nullopt;
    credit = after;
    return wait;
  }
  void giveBack(Moment now, std::int64_t permits) {
    fill(now);
    credit = std::min(interval * burst, credit + permits * interval);
  }
};

RateSettings randomRate(std::mt19937_64& random) {
  RateSettings settings;
  settings.permits = static_cast<std::int64_t>(1 + random() % 1000);
  settings.per = Duration(static_cast<std::int64_t>(1'000'000 + random() % 1'000'000'000));
  settings.burst = static_cast<std::int64_t>(1 + random() % 50);
  settings.max_wait = std::chrono::seconds(random() % 10);
  EXPECT_FALSE(problem(settings));
  return settings;
}

// C9: no interval holds more than burst + its length / interval.
void expectWithinRate(const std::vector<std::int64_t>& starts, const BucketRate& rate) {
  // count(i..j) * interval <= depth + start[j] - start[i], for all i <= j.
  std::int64_t worst = std::numeric_limits<std::int64_t>::min();
  for (std::size_t j = 0; j < starts.size(); ++j) {
    const auto place = static_cast<std::int64_t>(j);
    worst = std::max(worst, starts[j] - place * rate.interval);
    ASSERT_LE((place + 1) * rate.interval, rate.depth() + starts[j] - worst);
  }
}

void playAtRandom(std::mt19937_64& random, int steps) {
  const RateSettings settings = randomRate(random);
  const BucketRate rate = settings.bucket();
  Moment now(std::chrono::hours(1));
  RateLimiter limiter("api", settings);
  Tokens tokens{rate.interval, rate.burst, rate.depth(), now};
  std::vector<RateGrant> reserved;
  for (int i = 0; i < steps; ++i) {
    now = now + Duration(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rate.interval * 3)));
    const auto permits = static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(rate.burst));
    const auto choice = random() % 10;
    if (choice < 6) {
      tokens.fill(now);
      const std::int64_t just = std::max<std::int64_t>(0, permits * rate.interval - tokens.credit);
      const auto some = static_cast<std::int64_t>(random() % 5'000'000'000U);
      const Duration most_wait(choice < 4 ? 0 : choice == 4 ? some : just);
      const auto grant = choice < 4 ? limiter.allow(now, permits) : limiter.reserve(now, most_wait, permits);
      const auto expected = tokens.take(now, permits, std::min(most_wait, settings.max_wait));
      ASSERT_EQ(grant.has_value(), expected.has_value()) << "step " << i;
      if (grant) {
        ASSERT_EQ(grant->wait, *expected) << "step " << i;
        reserved.push_back(*grant);
      }
    } else if (choice < 8 && !reserved.empty()) {
      limiter.cancel(reserved.back());
      tokens.giveBack(now, reserved.back().permits);
      reserved.pop_back();
    } else if (choice == 8) {
      tokens.fill(now);
      const std::int64_t there = std::min(permits, std::max<std::int64_t>(0, tokens.credit / rate.interval));
      ASSERT_EQ(limiter.allowUpTo(now, permits), there);
      tokens.credit -= there * rate.interval;
    }
    tokens.fill(now);
    ASSERT_EQ(limiter.level(now).full_in.count(), rate.depth() - tokens.credit) << "step " << i;
    ASSERT_EQ(limiter.level(now).remaining, std::max<std::int64_t>(0, tokens.credit) / rate.interval)
        << "step " << i;
  }
}

TEST(RateModel, AMillionRandomSteps) {
  std::mt19937_64 random(testSeed());
  for (int round = 0; round < 500 && !HasFatalFailure(); ++round) playAtRandom(random, 2000);
}

TEST(RateModel, C9_NoIntervalHoldsMoreThanBurstAndRate) {
  std::mt19937_64 random(testSeed());
  for (int round = 0; round < 100 && !HasFatalFailure(); ++round) {
    RateSettings settings = randomRate(random);
    RateLimiter limiter("api", settings);
    const BucketRate rate = settings.bucket();
    std::vector<std::int64_t> starts;
    Moment now(std::chrono::hours(1));
    for (int i = 0; i < 2000; ++i) {
      const std::int64_t pause = random() % 50 == 0 ? rate.depth() * 3 : rate.interval;
      now = now + Duration(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(pause)));
      const auto grant = limiter.reserve(now, Duration(static_cast<std::int64_t>(random() % 1'000'000'000U)));
      if (grant) starts.push_back((now + grant->wait).nanoseconds());
    }
    expectWithinRate(starts, rate);
  }
}

}  // namespace
}  // namespace revenge::resilience
