#include "pipeline/blocking.hpp"

#include <stop_token>

namespace revenge::resilience {

void Blocking::signal(std::uint32_t bit) noexcept {
  // Rationale: the run may see the bit and be gone before the notification; that one then wakes nobody, at an address that
  // is only compared (the futex underneath does not read it).
  signals_.fetch_or(bit, std::memory_order_acq_rel);
  signals_.notify_one();
}

std::uint32_t Blocking::await() noexcept {
  scheduler_.awaitNonZero(signals_);
  return signals_.exchange(0, std::memory_order_acq_rel);
}

Step Blocking::awaitSlot(Passage& passage, Moment until) noexcept {
  // What an earlier wait has left; the waker of this one may have come already.
  signals_.fetch_and(kWoken, std::memory_order_acq_rel);
  Alarm alarm(*this);
  if (!until.isNever()) scheduler_.at(until, alarm);
  const std::stop_callback<Stop> on_stop(passage.call().stop, Stop{this});
  Step step;
  for (;;) {
    const std::uint32_t signals = await();
    if ((signals & kWoken) != 0) {
      step = passage.woken(scheduler_.now());
      break;
    }
    if ((signals & kStop) != 0 && passage.cancelWait(scheduler_.now(), step)) break;
    // The waker comes of it, and may have come already.
    if ((signals & kTime) != 0) passage.expire(scheduler_.now());
  }
  scheduler_.cancel(alarm);
  return step;
}

Step Blocking::awaitMoment(Passage& passage, Moment until) noexcept {
  (void)sleep(until, passage.call().stop);
  // Either way: a run that was cancelled meanwhile says so.
  return passage.resume(scheduler_.now());
}

bool Blocking::sleep(Moment until, const std::stop_token& stop) noexcept {
  signals_.store(0, std::memory_order_release);
  Alarm alarm(*this);
  scheduler_.at(until, alarm);
  const std::stop_callback<Stop> on_stop(stop, Stop{this});
  (void)await();
  scheduler_.cancel(alarm);
  return !stop.stop_requested();
}

std::expected<BulkheadPermit, Rejection> Blocking::awaitPlace(Bulkhead& bulkhead, Place& place,
                                                              const std::stop_token& stop) noexcept {
  Alarm alarm(*this);
  if (!place.giveUpAt().isNever()) scheduler_.at(place.giveUpAt(), alarm);
  const std::stop_callback<Stop> on_stop(stop, Stop{this});
  for (;;) {
    const std::uint32_t signals = await();
    if ((signals & kWoken) != 0) break;
    if ((signals & kStop) != 0 && bulkhead.cancel(place)) {
      place.answer = std::unexpected(rejectedFor(RejectionKind::kCancelled));
      break;
    }
    if ((signals & kTime) != 0) (void)bulkhead.expire(place, scheduler_.now());
  }
  scheduler_.cancel(alarm);
  return place.answer;
}

}  // namespace revenge::resilience
