#include "wiring/run.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "wiring/runs.hpp"

namespace revenge::resilience {

Run::Run(Runs& runs) noexcept
    : Timer([](Timer& timer, Moment) noexcept { static_cast<Run&>(timer).raise(kTime); }),
      Work([](Work& work) noexcept { static_cast<Run&>(work).drain(); }),
      runs_(runs) {}

void Run::keepKey(std::string_view key) noexcept {
  try {
    key_.assign(key);
  } catch (...) {
    key_.clear();  // no memory for a key: it is of those that have none
  }
  call_.key = key_;
}

void Run::waitFor(std::unique_ptr<ReplySink> sink) noexcept {
  sink_ = std::move(sink);
  arm();
  drain();
}

void Run::abandon(Moment now) noexcept {
  passage_->abandon(now);
  release();
}

void Run::raise(std::uint32_t bits) noexcept {
  if (enter(bits)) runs_.scheduler().post(*this);
}

bool Run::enter(std::uint32_t bits) noexcept {
  if ((signals_.fetch_or(bits | kBusy, std::memory_order_seq_cst) & kBusy) == 0) return true;
  // Who blocks on it stays busy all the while. It may be another by now, which then looks once for nothing.
  if (is_blocked_.load(std::memory_order_seq_cst)) {
    {
      const std::lock_guard lock(mutex_);
    }
    woken_.notify_all();
  }
  return false;
}

std::uint32_t Run::take() noexcept { return signals_.exchange(kBusy, std::memory_order_seq_cst) & ~kBusy; }

bool Run::leave() noexcept {
  std::uint32_t only = kBusy;
  return signals_.compare_exchange_strong(only, 0, std::memory_order_acq_rel);
}

// One that is over is not left: who still finds it among those that wait (to cancel it) must not bring it on any more.
void Run::drain() noexcept {
  do {
    if (!advance(take())) continue;
    deliver();
    return;
  } while (!leave());
}

bool Run::advance(std::uint32_t bits) noexcept {
  const Moment now = this->now();
  is_unwanted_ = is_unwanted_ || (bits & (kStop | kCut)) != 0;
  was_cut_ = was_cut_ || (bits & kCut) != 0;
  if (step_.kind == StepKind::kQueued) {
    if ((bits & kWoken) != 0) return arrive(passage_->woken(now), now);
    if (is_unwanted_) return arrive(step_, now);
    if (now >= step_.until) passage_->expire(now);  // the waker comes of it
    return false;
  }
  if (step_.kind == StepKind::kWait) {
    if (is_unwanted_) return arrive(step_, now);
    return now >= step_.until && arrive(passage_->resume(now), now);
  }
  return true;
}

bool Run::arrive(Step step, Moment now) noexcept {
  disarm();
  while (is_unwanted_ && step.kind != StepKind::kEnded) {
    if (step.kind == StepKind::kGranted || step.kind == StepKind::kFallback) {
      passage_->abandon(now);
      step = {StepKind::kEnded, now};
    } else if (Step after; passage_->cancelWait(now, after)) {
      step = after;
    } else {
      break;  // it is being woken
    }
  }
  step_ = step;
  if (isOver()) return true;
  arm();
  return false;
}

// One that blocks looks at the clock itself.
void Run::arm() noexcept {
  if (sink_ == nullptr || step_.until.isNever() || isOver()) return;
  is_armed_ = true;
  runs_.scheduler().at(step_.until, *this);
}

void Run::disarm() noexcept {
  if (std::exchange(is_armed_, false)) runs_.scheduler().cancel(*this);
}

// In slices: nobody tells of a call that is cancelled.
void Run::sleep() noexcept {
  constexpr Duration kSlice = std::chrono::milliseconds(20);
  const Duration longest = std::min(kSlice, remaining(now(), step_.until));
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, longest, [&] { return signals_.load(std::memory_order_seq_cst) != kBusy; });
}

void Run::deliver() noexcept {
  disarm();
  runs_.endWait(*this);
  const std::unique_ptr<ReplySink> sink = std::move(sink_);
  const std::uint64_t caller = this->caller();
  // By who is told, the run may be begun anew, or settled.
  Ending ending;
  const Reply reply = finish(now(), [&](Reply told) {
    if (told.ending != nullptr) {
      ending = *told.ending;
      told.ending = &ending;
    }
    return told;
  });
  if (!sink->answer(reply) && reply.token != 0 && claim(reply.token, caller)) abandon(now());
}

Moment Run::now() const noexcept { return runs_.scheduler().now(); }

RateLevel Run::level(Moment now) const noexcept {
  const std::size_t index = *entry_->rate;
  const Pipeline& pipeline = *entry_->pipeline;
  const bool is_keyed = pipeline.kind(index) == LayerKind::kKeyedRate;
  const Ending& ending = passage_->ending();
  if (step_.kind == StepKind::kEnded && ending.cause == Cause::kPolicy) {
    const std::string& name =
        is_keyed ? pipeline.get<KeyedLimiter>(index).name() : pipeline.get<RateLimiter>(index).name();
    if (ending.rejection.policy != name) return {};
  }
  return is_keyed ? pipeline.get<KeyedLimiter>(index).level(call_.key, now)
                  : pipeline.get<RateLimiter>(index).level(now);
}

}  // namespace revenge::resilience
