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

bool Run::begin(const Asked& asked, Moment now) noexcept {
  entry_ = asked.entry;
  caller_.store(asked.caller, std::memory_order_relaxed);
  call_ = asked.call;
  if (entry_->has_keys) {
    try {
      key_.assign(asked.call.key);
    } catch (...) {
      key_.clear();  // no memory for a key: it is of those that have none
    }
    call_.key = key_;
  }
  signals_.store(kBusy, std::memory_order_relaxed);
  is_unwanted_ = false;
  was_cut_ = false;
  Passage::Waker* const waker = this;
  passage_.emplace(*entry_->pipeline, call_, asked.has_fallback, waker);
  step_ = passage_->begin(now);
  return isOver();
}

bool Run::settle(const Settlement& settlement, Moment now) noexcept {
  signals_.store(kBusy, std::memory_order_relaxed);
  step_ = passage_->settle(now, settlement);
  return isOver();
}

Reply Run::finish(Moment now) noexcept {
  Reply reply;
  reply.kind = step_.kind;
  reply.was_cut = was_cut_;
  reply.attempts = passage_->attempts();
  reply.until = step_.until;
  reply.level = level(now);
  if (step_.kind == StepKind::kEnded) {
    reply.ending = passage_->ending();
    passage_.reset();
    runs_.put(*this);
    return reply;
  }
  reply.token = ++generation_ << Runs::kIndexBits | index_;
  granted_at_.store(now.nanoseconds(), std::memory_order_relaxed);
  token_.store(reply.token, std::memory_order_release);
  return reply;
}

void Run::waitFor(std::unique_ptr<ReplySink> sink) noexcept {
  sink_ = std::move(sink);
  arm();
  drain();
}

bool Run::claim(std::uint64_t token, std::uint64_t caller) noexcept {
  if (token_.load(std::memory_order_acquire) != token || caller_.load(std::memory_order_relaxed) != caller)
    return false;
  return token_.compare_exchange_strong(token, 0, std::memory_order_acq_rel);
}

void Run::abandon(Moment now) noexcept {
  passage_->abandon(now);
  passage_.reset();
  runs_.put(*this);
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
  const Reply reply = finish(now());
  if (!sink->answer(reply) && reply.token != 0 && claim(reply.token, caller)) abandon(now());
}

Moment Run::now() const noexcept { return runs_.scheduler().now(); }

RateLevel Run::level(Moment now) const noexcept {
  if (!entry_->rate) return {};
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
