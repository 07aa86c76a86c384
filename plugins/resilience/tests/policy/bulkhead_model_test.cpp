// The bulkhead against a list of calls: a million random steps, one thread.
#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/bulkhead.hpp"
#include "seed.hpp"
#include "waiting_call.hpp"

namespace revenge::resilience {
namespace {

class BulkheadModel {
 public:
  enum class Answer { kAdmitted, kQueued, kQueueFull, kWaitTimeout, kDeadline };
  struct Waiting {
    int number;
    Priority priority;
    Moment give_up_at;
  };

  explicit BulkheadModel(const BulkheadSettings& settings) : settings_(settings) {}

  Answer acquire(Moment now, int number, bool may_wait, Priority priority, Moment deadline) {
    if (running_ < settings_.max_concurrent && waiting_.empty()) {
      ++running_;
      return Answer::kAdmitted;
    }
    if (deadline <= now) return Answer::kDeadline;
    if (!may_wait || settings_.max_wait == Duration::zero()) return Answer::kWaitTimeout;
    if (static_cast<std::int64_t>(waiting_.size()) >= settings_.queue_size) {
      const auto lower = lowest(priority);
      if (lower == waiting_.end()) return Answer::kQueueFull;
      refused_.push_back(lower->number);
      waiting_.erase(lower);
    }
    waiting_.push_back({number, priority, std::min(now + settings_.max_wait, deadline)});
    return Answer::kQueued;
  }
  bool release(Moment now) {
    if (running_ == 0) return false;
    --running_;
    hand(now);
    return true;
  }
  bool cancel(int number) {
    return std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.number == number; }) == 1;
  }
  bool expire(int number, Moment now) {
    return std::erase_if(waiting_, [&](const Waiting& waiting) {
             return waiting.number == number && waiting.give_up_at <= now;
           }) == 1;
  }
  void reconfigure(const BulkheadSettings& settings, Moment now) {
    settings_ = settings;
    hand(now);
  }

  std::int64_t running() const { return running_; }
  std::int64_t queued() const { return static_cast<std::int64_t>(waiting_.size()); }
  std::vector<int> takeAdmitted() { return std::exchange(admitted_, {}); }
  std::vector<int> takeRefused() { return std::exchange(refused_, {}); }

 private:
  using Place = std::vector<Waiting>::iterator;

  Place lowest(Priority than) {
    if (settings_.order != QueueOrder::kByPriority) return waiting_.end();
    Place found = waiting_.end();
    for (Place place = waiting_.begin(); place != waiting_.end(); ++place) {
      if (place->priority <= than) continue;
      if (found == waiting_.end() || place->priority >= found->priority) found = place;
    }
    return found;
  }
  Place next() {
    if (settings_.order == QueueOrder::kFifo) return waiting_.begin();
    if (settings_.order == QueueOrder::kLifo) return std::prev(waiting_.end());
    return std::ranges::min_element(waiting_, {}, &Waiting::priority);
  }
  void hand(Moment now) {
    while (!waiting_.empty() && running_ < settings_.max_concurrent) {
      const Place place = next();
      if (place->give_up_at >= now) {
        ++running_;
        admitted_.push_back(place->number);
      } else {
        refused_.push_back(place->number);
      }
      waiting_.erase(place);
    }
  }

  BulkheadSettings settings_;
  std::int64_t running_ = 0;
  std::vector<Waiting> waiting_;
  std::vector<int> admitted_;
  std::vector<int> refused_;
};

BulkheadModel::Answer answerOf(const std::expected<BulkheadAnswer, Rejection>& answer) {
  if (answer) return answer->queued ? BulkheadModel::Answer::kQueued : BulkheadModel::Answer::kAdmitted;
  if (answer.error().full == FullReason::kQueueFull) return BulkheadModel::Answer::kQueueFull;
  if (answer.error().full == FullReason::kDeadline) return BulkheadModel::Answer::kDeadline;
  return BulkheadModel::Answer::kWaitTimeout;
}

class BulkheadModelTest : public ::testing::Test {
 protected:
  BulkheadSettings settings(QueueOrder order) {
    return {pick(1, 6), pick(0, 5), Duration(pick(0, 3) == 0 ? 0 : pick(1, 100)), order};
  }
  std::int64_t pick(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }

  void play(int steps) {
    const auto order = static_cast<QueueOrder>(pick(0, 2));
    const BulkheadSettings first = settings(order);
    Bulkhead bulkhead("blackbeard", first);
    BulkheadModel model(first);
    std::vector<std::unique_ptr<WaitingCall>> calls;  // by number
    calls.reserve(40);
    for (int i = 0; i < 40; ++i) calls.push_back(std::make_unique<WaitingCall>(&woken_, i));
    std::vector<int> queued;
    Moment now(std::chrono::hours(1));
    for (int step = 0; step < steps; ++step) {
      now = now + Duration(pick(0, 5));
      const std::int64_t choice = pick(0, 99);
      if (choice < 45) {
        const auto free = std::ranges::find_if(calls, [&](const auto& call) {
          return std::ranges::find(queued, number(call, calls)) == queued.end();
        });
        ASSERT_NE(free, calls.end());
        const int number = static_cast<int>(free - calls.begin());
        const bool may_wait = pick(0, 4) != 0;
        const auto priority = static_cast<Priority>(pick(0, 2));
        const Moment deadline = pick(0, 1) == 0 ? Moment::never() : now + Duration(pick(-5, 50));
        const auto expected = model.acquire(now, number, may_wait, priority, deadline);
        const auto answer =
            bulkhead.acquire(now, may_wait ? &(*free)->waiter() : nullptr, priority, deadline);
        ASSERT_EQ(answerOf(answer), expected) << "step " << step;
        if (expected == BulkheadModel::Answer::kQueued) queued.push_back(number);
      } else if (choice < 88) {
        ASSERT_EQ(bulkhead.release({now, true}, now), model.release(now)) << "step " << step;
      } else if (choice < 97 && !queued.empty()) {
        const int number =
            queued[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(queued.size()) - 1))];
        BulkheadWaiter& waiter = calls[static_cast<std::size_t>(number)]->waiter();
        if (choice < 92) {
          ASSERT_EQ(bulkhead.cancel(waiter), model.cancel(number));
          std::erase(queued, number);
        } else {
          const bool expired = model.expire(number, now);
          ASSERT_EQ(bulkhead.expire(waiter, now), expired);
          if (expired) {
            ASSERT_EQ(woken_, std::vector<int>{number});
            woken_.clear();
            std::erase(queued, number);
          }
        }
      } else if (choice >= 97) {
        const BulkheadSettings next = settings(order);
        bulkhead.reconfigure(next, now);
        model.reconfigure(next, now);
      }
      std::vector<int> admitted;
      std::vector<int> refused;
      for (const int number : woken_) {
        (calls[static_cast<std::size_t>(number)]->isAdmitted() ? admitted : refused).push_back(number);
        std::erase(queued, number);
      }
      woken_.clear();
      ASSERT_EQ(admitted, model.takeAdmitted()) << "step " << step;
      ASSERT_EQ(refused, model.takeRefused()) << "step " << step;
      ASSERT_EQ(bulkhead.running(), model.running()) << "step " << step;
      ASSERT_EQ(bulkhead.queued(), model.queued()) << "step " << step;
    }
    bulkhead.close();
    woken_.clear();
  }

  std::mt19937_64 random_;
  std::vector<int> woken_;

 private:
  static int number(const std::unique_ptr<WaitingCall>& call,
                    const std::vector<std::unique_ptr<WaitingCall>>& calls) {
    return static_cast<int>(&call - calls.data());
  }
};

TEST_F(BulkheadModelTest, AMillionRandomSteps) {
  random_.seed(testSeed());
  for (int round = 0; round < 500 && !HasFatalFailure(); ++round) play(2000);
}

}  // namespace
}  // namespace revenge::resilience
