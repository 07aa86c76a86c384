// A queue with N workers on a manual clock: requests arrive at random from a seeded source, wait first come first served,
// and hold a worker for a fixed time without CPU. What Codel is tried on. Thread safety: one thread.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "limits/codel.hpp"

namespace revenge::http_limits {

class QueueModel {
 public:
  enum class Judged {
    kOnWorker,   // when a worker takes it, by the time it has waited
    kOnArrival,  // before the queue, by what can be seen of the queue
  };
  struct Outcome {
    std::array<long, kTrafficClasses> offered{};
    std::array<long, kTrafficClasses> answered{};
    std::array<long, kTrafficClasses> shed{};
    Duration longest_wait{};

    long answeredInAll() const { return answered[0] + answered[1] + answered[2]; }
  };

  QueueModel(Codel* codel, Judged judged, int workers, Duration service, unsigned seed)
      : codel_(codel),
        judged_(judged),
        service_(service),
        free_at_(static_cast<std::size_t>(workers)),
        random_(seed) {}

  // Requests a second of each class, for so long.
  void run(std::array<double, kTrafficClasses> rates, Duration span) {
    const Instant end = now_ + span;
    const double total = rates[0] + rates[1] + rates[2];
    std::exponential_distribution<double> gap(total);
    std::discrete_distribution<int> traffic(rates.begin(), rates.end());
    for (;;) {
      const Instant next = now_ + Duration(static_cast<std::int64_t>(gap(random_) * 1e9));
      workUntil(std::min(next, end));
      if (next >= end) break;
      arrive(static_cast<TrafficClass>(traffic(random_)));
    }
  }
  // What happened since the last call.
  Outcome take() { return std::exchange(outcome_, {}); }

 private:
  struct Waiting {
    TrafficClass traffic;
    Instant since;
  };

  void arrive(TrafficClass traffic) {
    ++outcome_.offered[static_cast<std::size_t>(traffic)];
    if (judged_ == Judged::kOnArrival) {
      if (!admits(traffic, delayBeforeArrival(), now_)) return;
    }
    queue_.push_back({traffic, now_});
    workUntil(now_);
  }

  Duration delayBeforeArrival() const {
    if (std::ranges::any_of(free_at_, [this](Instant at) { return at <= now_; })) return Duration::zero();
    const Duration busy = CodelOptions{}.target / 5;
    return queue_.empty() ? busy : std::max(busy, now_ - queue_.front().since);
  }

  void workUntil(Instant until) {
    while (!queue_.empty()) {
      const auto worker = std::ranges::min_element(free_at_);
      const Instant at = std::max(*worker, queue_.front().since);
      if (at > until) break;
      const Waiting waiting = queue_.front();
      queue_.pop_front();
      if (judged_ == Judged::kOnWorker && !admits(waiting.traffic, at - waiting.since, at)) continue;
      *worker = at + service_;
      ++outcome_.answered[static_cast<std::size_t>(waiting.traffic)];
      outcome_.longest_wait = std::max(outcome_.longest_wait, at - waiting.since);
    }
    now_ = until;
  }

  bool admits(TrafficClass traffic, Duration delay, Instant at) {
    if (codel_ == nullptr || codel_->judge(traffic, delay, at).admitted) return true;
    ++outcome_.shed[static_cast<std::size_t>(traffic)];
    return false;
  }

  Codel* codel_;
  Judged judged_;
  Duration service_;
  std::vector<Instant> free_at_;
  std::deque<Waiting> queue_;
  Instant now_{};
  std::mt19937_64 random_;
  Outcome outcome_;
};

}  // namespace revenge::http_limits
