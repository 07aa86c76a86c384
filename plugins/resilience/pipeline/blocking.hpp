// How the calling thread waits in a synchronous run: for a slot, for a moment, or until the caller cancels; and the timer
// that asks a body to stop. Thread safety: for one run on one thread; woken from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <stop_token>

#include "pipeline/attempt.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/scheduler.hpp"

namespace revenge::resilience {

class Blocking final : public Passage::Waker {
 public:
  explicit Blocking(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}

  void wake() noexcept override { signal(kWoken); }
  // For kQueued and for kWait, with the step's `until`; what the run goes on with.
  Step awaitSlot(Passage& passage, Moment until) noexcept;
  Step awaitMoment(Passage& passage, Moment until) noexcept;

  // The same without a passage. False: cancelled.
  bool sleep(Moment until, const std::stop_token& stop) noexcept;
  // Once for each Blocking: acquires, and waits where the bulkhead queues; kCancelled by the stop.
  std::expected<BulkheadPermit, Rejection> acquire(Bulkhead& bulkhead, Moment now, const Call& call,
                                                   Moment limit) noexcept {
    Place place(*this);
    const auto answer = bulkhead.acquire(now, &place, call.priority, limit);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->queued) [[likely]]
      return answer->permit;
    return awaitPlace(bulkhead, place, call.stop);
  }

 private:
  static constexpr std::uint32_t kWoken = 1;
  static constexpr std::uint32_t kTime = 2;
  static constexpr std::uint32_t kStop = 4;

  // Sets kTime at its moment.
  struct Alarm : Timer {
    explicit Alarm(Blocking& its_owner) noexcept
        : Timer([](Timer& timer, Moment) noexcept { static_cast<Alarm&>(timer).owner.signal(kTime); }),
          owner(its_owner) {}
    Blocking& owner;
  };
  struct Stop {
    Blocking* owner;
    void operator()() const noexcept { owner->signal(kStop); }
  };

  struct Place : BulkheadWaiter {
    explicit Place(Blocking& its_owner) noexcept : BulkheadWaiter(&Place::take), owner(its_owner) {}
    static void take(BulkheadWaiter& waiter,
                     const std::expected<BulkheadPermit, Rejection>& its_answer) noexcept {
      auto& self = static_cast<Place&>(waiter);
      self.answer = its_answer;
      self.owner.signal(kWoken);
    }
    Blocking& owner;
    std::expected<BulkheadPermit, Rejection> answer;
  };

  std::expected<BulkheadPermit, Rejection> awaitPlace(Bulkhead& bulkhead, Place& place,
                                                      const std::stop_token& stop) noexcept;
  void signal(std::uint32_t bit) noexcept;
  std::uint32_t await() noexcept;

  Scheduler& scheduler_;
  std::atomic<std::uint32_t> signals_ = 0;
};

// Asks the attempt to stop at a moment, unless it goes before that.
class StopAt : Timer {
 public:
  StopAt(Scheduler& scheduler, Moment moment, Attempt& attempt) noexcept
      : Timer([](Timer& timer, Moment) noexcept { static_cast<StopAt&>(timer).attempt_.requestStop(); }),
        scheduler_(scheduler),
        attempt_(attempt) {
    scheduler_.at(moment, *this);
  }
  ~StopAt() { scheduler_.cancel(*this); }

 private:
  Scheduler& scheduler_;
  Attempt& attempt_;
};

}  // namespace revenge::resilience
