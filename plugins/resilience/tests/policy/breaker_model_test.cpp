// The breaker against a model that keeps every call and counts anew each time: a million random steps, one thread.
#include <deque>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "policy/breaker.hpp"
#include "seed.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;

struct Outcome {
  std::int64_t slice;
  bool failed;
  bool slow;
};

class BreakerModel {
 public:
  BreakerModel(const BreakerSettings& settings, Moment now) : settings_(settings), now_(now) {}

  struct Call {
    std::uint64_t era = 0;
    Moment started_at;
    bool trial = false;
  };

  std::optional<Call> acquire(Moment now) {
    pass(now);
    if (state_ == BreakerState::kClosed) return Call{era_, now, false};
    if (state_ == BreakerState::kOpen) return std::nullopt;
    const auto ended = static_cast<std::int64_t>(trials_.size());
    if (static_cast<std::int64_t>(running_.size()) + ended >= settings_.trials) return std::nullopt;
    running_.insert({now, 0});
    return Call{era_, now, true};
  }

  void settle(const Call& call, Verdict verdict, Moment now) {
    now_ = now;
    // A closed breaker or an open one learns of time only when asked; a half-open one at every result of its trials.
    if (call.era != era_) return;
    if (!call.trial) return settleClosed(verdict, now);
    pass(now);
    if (call.era != era_) return;
    running_.erase(running_.find(call.started_at));
    if (verdict == Verdict::kIgnored || verdict == Verdict::kAbandoned) return;
    trials_.push_back({0, isFailure(verdict), isSlow(verdict)});
    decide(now);
  }

  void pass(Moment now) {
    now_ = now;
    if (state_ == BreakerState::kOpen && now >= eligible_) enter(BreakerState::kHalfOpen);
    if (state_ != BreakerState::kHalfOpen || running_.empty()) return;
    if (now - running_.begin()->first >= settings_.lease()) open(now);
  }

  void open(Moment now) {
    double wait = static_cast<double>(settings_.open_wait.count());
    for (int i = 0; i < openings_; ++i) wait *= settings_.open_wait_growth;
    ++openings_;
    eligible_ = now + std::min(Duration(std::llround(wait)), settings_.max_open_wait);
    enter(BreakerState::kOpen);
  }
  void close() {
    enter(BreakerState::kClosed);
    outcomes_.clear();
    openings_ = 0;
  }

  BreakerState state() const { return state_; }
  Duration wait(Moment now) const {
    return state_ == BreakerState::kOpen ? eligible_ - now : Duration::zero();
  }
  OutcomeCounts counts(Moment now) {
    if (state_ == BreakerState::kHalfOpen) return count(trials_);
    forget(now);
    if (settings_.window != WindowKind::kConsecutive) return count(outcomes_);
    const std::int64_t run = state_ == BreakerState::kOpen ? 0 : runLength();
    return {run, run, 0};
  }

 private:
  static OutcomeCounts count(const std::deque<Outcome>& outcomes) {
    OutcomeCounts counts;
    for (const Outcome& outcome : outcomes) {
      ++counts.calls;
      counts.failures += outcome.failed ? 1 : 0;
      counts.slow += outcome.slow ? 1 : 0;
    }
    return counts;
  }
  std::int64_t slice(Moment now) const { return now.nanoseconds() / (settings_.window_length.count() / 10); }
  std::int64_t runLength() const {
    std::int64_t run = 0;
    for (auto outcome = outcomes_.rbegin(); outcome != outcomes_.rend() && outcome->failed; ++outcome) ++run;
    return run;
  }

  void forget(Moment now) {
    if (settings_.window == WindowKind::kTime) {
      while (!outcomes_.empty() && outcomes_.front().slice <= slice(now) - 10) outcomes_.pop_front();
    }
    if (settings_.window == WindowKind::kCount) {
      while (static_cast<std::int64_t>(outcomes_.size()) > settings_.window_calls) outcomes_.pop_front();
    }
  }

  void settleClosed(Verdict verdict, Moment now) {
    if (verdict == Verdict::kIgnored || verdict == Verdict::kAbandoned) return;
    outcomes_.push_back({slice(now), isFailure(verdict), isSlow(verdict)});
    forget(now);
    if (settings_.window == WindowKind::kConsecutive) {
      if (runLength() >= settings_.failures) open(now);
      return;
    }
    const OutcomeCounts counts = count(outcomes_);
    const bool enough = counts.calls >= settings_.min_calls;
    const bool failures = settings_.failures > 0 && counts.failures >= settings_.failures;
    if (failures || (enough && overRate(counts))) open(now);
  }
  bool overRate(const OutcomeCounts& counts) const {
    const auto over = [&](std::int64_t part, double rate) {
      return rate > 0 && part * 100 >= std::llround(rate * 100) * counts.calls;
    };
    return over(counts.failures, settings_.failure_rate) || over(counts.slow, settings_.slow_rate);
  }
  void decide(Moment now) {
    const OutcomeCounts counts = count(trials_);
    if (settings_.trial_rule == TrialRule::kRates) {
      if (counts.calls < settings_.trials) return;
      return overRate(counts) ? open(now) : close();
    }
    if (counts.calls - counts.failures >= settings_.trial_successes) return close();
    if (counts.failures > settings_.trials - settings_.trial_successes) open(now);
  }
  void enter(BreakerState state) {
    state_ = state;
    ++era_;
    trials_.clear();
    running_.clear();
  }

  BreakerSettings settings_;
  BreakerState state_ = BreakerState::kClosed;
  std::uint64_t era_ = 1;
  std::deque<Outcome> outcomes_;
  std::deque<Outcome> trials_;
  std::multimap<Moment, int> running_;
  Moment eligible_;
  int openings_ = 0;
  Moment now_;
};

BreakerSettings randomSettings(std::mt19937_64& random) {
  const auto from = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  BreakerSettings settings;
  settings.window = static_cast<WindowKind>(from(0, 2));
  settings.window_calls = from(1, 20);
  settings.window_length = milliseconds(100 * from(1, 10));
  settings.failures = from(1, 5);
  if (settings.window != WindowKind::kConsecutive) {
    settings.failures = from(0, 1) == 0 ? 0 : from(1, std::min<std::int64_t>(8, settings.window_calls));
    settings.failure_rate = static_cast<double>(from(1, 100)) / 100;
    settings.slow_rate = static_cast<double>(from(0, 100)) / 100;
    settings.min_calls = from(1, settings.window_calls);
    settings.trial_rule = static_cast<TrialRule>(from(0, 1));
  }
  settings.open_wait = milliseconds(from(1, 300));
  settings.open_wait_growth = from(0, 1) == 0 ? 1 : 2;
  settings.max_open_wait = std::chrono::seconds(2);
  settings.trials = from(1, 6);
  settings.trial_successes = from(1, settings.trials);
  settings.trial_lease = milliseconds(from(50, 500));
  EXPECT_FALSE(problem(settings)) << problem(settings)->key;
  return settings;
}

struct Running {
  BreakerPermit permit;
  BreakerModel::Call call;
};

void playAtRandom(std::mt19937_64& random, int steps) {
  const BreakerSettings settings = randomSettings(random);
  Moment now = Moment(std::chrono::hours(1));
  Breaker breaker("upstream", settings, 1, now);
  BreakerModel model(settings, now);
  std::vector<Running> running;
  const auto failing = random() % 10;
  for (int i = 0; i < steps; ++i) {
    const std::uint64_t longest =
        random() % 100 == 0 ? 2'000'000'000 : 20'000'000;  // at times everything leaves the window
    now = now + Duration(static_cast<std::int64_t>(random() % longest));
    const auto choice = random() % 100;
    if (choice < 48) {
      const auto permit = breaker.acquire(now);
      const auto call = model.acquire(now);
      ASSERT_EQ(permit.has_value(), call.has_value()) << "step " << i;
      if (permit) running.push_back({*permit, *call});
      if (!permit) {
        ASSERT_EQ(permit.error().retry_after, model.wait(now)) << "step " << i;
      }
    } else if (choice < 96 && !running.empty()) {
      const std::size_t which = random() % running.size();
      const Running ended = running[which];
      // Now and then a result of a call that is no trial comes twice.
      if (random() % 50 != 0 || ended.permit.trial != 0) {
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
      }
      const bool failed = random() % 10 < failing;
      const bool slow = random() % 4 == 0;
      Verdict verdict = failed ? Verdict::kFailure : Verdict::kSuccess;
      if (slow) verdict = slowed(verdict);
      if (random() % 8 == 0) verdict = Verdict::kIgnored;
      breaker.settle(ended.permit, verdict, now);
      model.settle(ended.call, verdict, now);
    } else if (choice == 96) {
      breaker.tick(now);
      model.pass(now);
    } else if (choice == 97 && random() % 20 == 0) {
      if (breaker.state() != BreakerState::kOpen) {
        breaker.open(now);
        model.open(now);
      }
    } else if (choice == 98 && random() % 20 == 0) {
      breaker.reset(now);
      model.close();
    }
    if (running.size() > 50) running.erase(running.begin());  // lost
    ASSERT_EQ(breaker.state(), model.state()) << "step " << i;
    if (breaker.state() == BreakerState::kOpen) continue;
    ASSERT_EQ(breaker.report(now).counts, model.counts(now)) << "step " << i;
  }
}

TEST(BreakerModel, AMillionRandomSteps) {
  std::mt19937_64 random(testSeed());
  for (int round = 0; round < 500 && !HasFatalFailure(); ++round) playAtRandom(random, 2000);
}

}  // namespace
}  // namespace revenge::resilience
