#include "pipeline/passage.hpp"

#include <algorithm>
#include <utility>

namespace revenge::resilience {

Passage::Passage(const Pipeline& pipeline, const Call& call, HasFallback has_fallback, Waker* waker,
                 std::size_t from, std::size_t to) noexcept
    : pipeline_(&pipeline),
      call_(&call),
      waker_(waker),
      limit_(call.deadline),
      from_(static_cast<std::uint8_t>(from)),
      to_(static_cast<std::uint8_t>(to)),
      depth_(static_cast<std::uint8_t>(from)),
      has_fallback_(has_fallback),
      waiter_(&wakeUp, this) {}

Passage::~Passage() {
  if (phase_ != Phase::kNew) abandon(last_now_);
}

Step Passage::begin(Moment now) noexcept {
  began_ = now;
  if (call_->stop.stop_requested())
    refuse(rejectedFor(RejectionKind::kCancelled));
  else if (now >= limit_)
    refuse(rejectedFor(RejectionKind::kTimeout, FullReason::kDeadline));
  return walk(now);
}

Step Passage::settle(Moment now, const Settlement& settlement) noexcept {
  ending_.judge(settlement, call_->stop.stop_requested());
  if (settlement.made == Made::kNo && phase_ == Phase::kGranted) --attempts_;
  inwards_ = false;
  return walk(now);
}

Step Passage::settle(Moment now, const Ending& inner) noexcept {
  ending_ = inner;
  attempts_ += std::max<std::uint32_t>(inner.attempts, 1) - 1;
  // Not by the caller: it was asked to stop for a limit around here.
  if (inner.isRejected(RejectionKind::kCancelled) && !call_->stop.stop_requested()) {
    ending_.verdict = Verdict::kFailure;
    ending_.rejection = rejectedFor(RejectionKind::kTimeout);
  }
  inwards_ = false;
  return walk(now);
}

Step Passage::resume(Moment now) noexcept {
  if (call_->stop.stop_requested()) refuse(rejectedFor(RejectionKind::kCancelled));
  return walk(now);
}

Step Passage::woken(Moment now) noexcept {
  if (!answer_) {
    refuse(answer_.error());
    return walk(now);
  }
  slots_[depth_].bulkhead = *answer_;
  ++depth_;
  if (call_->stop.stop_requested()) refuse(rejectedFor(RejectionKind::kCancelled));
  return walk(now);
}

void Passage::expire(Moment now) noexcept { (void)pipeline_->get<Bulkhead>(depth_).expire(waiter_, now); }

bool Passage::cancelWait(Moment now, Step& step) noexcept {
  if (phase_ == Phase::kQueued && !pipeline_->get<Bulkhead>(depth_).cancel(waiter_)) return false;
  refuse(rejectedFor(RejectionKind::kCancelled));
  step = walk(now);
  return true;
}

Step Passage::detach(Moment now, KeptSlots& kept) noexcept {
  kept_ = &kept;
  is_abandoned_ = false;
  refuse(rejectedFor(RejectionKind::kTimeout));
  ending_.verdict = Verdict::kFailure;
  return walk(now);
}

void Passage::abandon(Moment now) noexcept {
  if (phase_ == Phase::kEnded) return;
  refuse(rejectedFor(RejectionKind::kCancelled));
  ending_.verdict = Verdict::kAbandoned;
  ending_.again = Again::kNever;
  has_fallback_ = HasFallback::kNo;
  (void)walk(now);
}

// Inwards until the body, outwards until the end; a layer may stop it or send it back the other way.
Step Passage::walk(Moment now) noexcept {
  last_now_ = now;
  Step step;
  for (;;) {
    if (inwards_ && depth_ == to_) {
      phase_ = Phase::kGranted;
      ++attempts_;
      ending_.reached = true;
      return {StepKind::kGranted, limit_};
    }
    if (!inwards_ && depth_ == from_) return end(now);
    switch (inwards_ ? enter(now, step) : leave(now, step)) {
      case Move::kOn:
        break;
      case Move::kStop:
        return step;
      case Move::kTurn:
        inwards_ = !inwards_;
        break;
    }
  }
}

Step Passage::end(Moment now) noexcept {
  // The caller's deadline is the outermost timeout; a value that is there is handed over all the same.
  if (ending_.cause == Cause::kBody && now >= call_->deadline) ending_.timeOut({});
  ending_.attempts = attempts_;
  ending_.elapsed = now - began_;
  phase_ = Phase::kEnded;
  kept_ = nullptr;
  return {StepKind::kEnded, now};
}

Passage::Move Passage::enter(Moment now, Step& step) noexcept {
  Slot& slot = slots_[depth_];
  switch (pipeline_->kind(depth_)) {
    case LayerKind::kFallback:
    case LayerKind::kHedge:
    case LayerKind::kCoalesce:
      break;
    case LayerKind::kTimeout:
      slot.limit = {now + pipeline_->get<Timeout>(depth_).settings().limit, limit_};
      limit_ = std::min(limit_, slot.limit.own);
      break;
    case LayerKind::kRetry:
      pipeline_->get<Retry>(depth_).begin(slot.retry, now, pipeline_->budgetUse(depth_));
      break;
    case LayerKind::kBreaker: {
      const auto permit = pipeline_->get<Breaker>(depth_).acquire(now);
      if (!permit) return refuse(permit.error());
      slot.breaker = *permit;
      break;
    }
    case LayerKind::kRate: {
      RateLimiter& limiter = pipeline_->get<RateLimiter>(depth_);
      return enterLimiter(limiter.reserve(now, remaining(now, limit_), call_->permits), slot.rate, now, step);
    }
    case LayerKind::kKeyedRate: {
      KeyedLimiter& limiter = pipeline_->get<KeyedLimiter>(depth_);
      return enterLimiter(limiter.reserve(call_->key, now, remaining(now, limit_), call_->permits),
                          slot.keyed, now, step);
    }
    case LayerKind::kBulkhead:
      return enterBulkhead(pipeline_->get<Bulkhead>(depth_), slot, now, step);
    case LayerKind::kAdaptive: {
      const auto permit = pipeline_->get<AdaptiveLimiter>(depth_).acquire(now, call_->priority);
      if (!permit) return refuse(permit.error());
      slot.adaptive = *permit;
      break;
    }
  }
  ++depth_;
  return Move::kOn;
}

template <class Grant>
Passage::Move Passage::enterLimiter(const std::expected<Grant, Rejection>& answer, Granted<Grant>& slot,
                                    Moment now, Step& step) noexcept {
  if (!answer) return refuse(answer.error());
  slot = {*answer, attempts_};
  ++depth_;
  if (answer->wait <= Duration::zero()) return Move::kOn;
  phase_ = Phase::kWait;
  step = {StepKind::kWait, now + answer->wait};
  return Move::kStop;
}

Passage::Move Passage::enterBulkhead(Bulkhead& bulkhead, Slot& slot, Moment now, Step& step) noexcept {
  // Before it is asked: a waiter may be woken, and the run driven on by another thread, as soon as it is queued.
  phase_ = Phase::kQueued;
  const auto answer = bulkhead.acquire(now, waker_ != nullptr ? &waiter_ : nullptr, call_->priority, limit_);
  if (!answer) return refuse(answer.error());
  if (answer->queued) {
    step = {StepKind::kQueued, waiter_.giveUpAt()};
    return Move::kStop;
  }
  slot.bulkhead = answer->permit;
  ++depth_;
  return Move::kOn;
}

void Passage::wakeUp(BulkheadWaiter& waiter,
                     const std::expected<BulkheadPermit, Rejection>& answer) noexcept {
  Passage& self = *static_cast<Passage*>(waiter.owner());
  self.answer_ = answer;
  self.waker_->wake();
}

Passage::Move Passage::leave(Moment now, Step& step) noexcept {
  --depth_;
  Slot& slot = slots_[depth_];
  switch (pipeline_->kind(depth_)) {
    case LayerKind::kFallback:
      return leaveFallback(pipeline_->get<Fallback>(depth_), step);
    case LayerKind::kHedge:
    case LayerKind::kCoalesce:
      break;
    case LayerKind::kTimeout:
      leaveTimeout(pipeline_->get<Timeout>(depth_), slot, now);
      break;
    case LayerKind::kRetry:
      return leaveRetry(pipeline_->get<Retry>(depth_), slot, now, step);
    case LayerKind::kBreaker:
      pipeline_->get<Breaker>(depth_).settle(slot.breaker, ending_.verdict, now, ending_.retry_after);
      break;
    case LayerKind::kRate:
      if (slot.rate.attempts_before == attempts_) pipeline_->get<RateLimiter>(depth_).cancel(slot.rate.grant);
      break;
    case LayerKind::kKeyedRate:
      if (slot.keyed.attempts_before == attempts_)
        pipeline_->get<KeyedLimiter>(depth_).cancel(slot.keyed.grant);
      break;
    case LayerKind::kBulkhead:
      if (kept_ != nullptr)
        kept_->bulkhead_[kept_->bulkheads_++] = {&pipeline_->get<Bulkhead>(depth_), slot.bulkhead};
      else
        pipeline_->get<Bulkhead>(depth_).settle(slot.bulkhead, ending_.verdict, now);
      break;
    case LayerKind::kAdaptive:
      if (kept_ != nullptr)
        kept_->adaptive_[kept_->adaptives_++] = {&pipeline_->get<AdaptiveLimiter>(depth_), slot.adaptive};
      else
        pipeline_->get<AdaptiveLimiter>(depth_).settle(slot.adaptive, ending_.capacityVerdict(), now);
      break;
  }
  return Move::kOn;
}

Passage::Move Passage::leaveFallback(Fallback& fallback, Step& step) noexcept {
  if (has_fallback_ == HasFallback::kNo || !fallback.answers(ending_)) return Move::kOn;
  fallback.count();
  phase_ = Phase::kFallback;
  step = {StepKind::kFallback, limit_};
  return Move::kStop;
}

Passage::Move Passage::leaveRetry(Retry& retry, Slot& slot, Moment now, Step& step) noexcept {
  const std::optional<Duration> delay = retry.decide(slot.retry, ending_, call_->repeat, now, limit_);
  if (!delay) {
    retry.end(slot.retry);
    return Move::kOn;
  }
  ++depth_;  // it is not left
  kept_ = nullptr;
  ending_.reached = false;
  if (*delay <= Duration::zero()) return Move::kTurn;
  inwards_ = true;
  phase_ = Phase::kWait;
  step = {StepKind::kWait, now + *delay};
  return Move::kStop;
}

void Passage::leaveTimeout(Timeout& timeout, const Slot& slot, Moment now) noexcept {
  limit_ = slot.limit.outer;
  if (now < slot.limit.own || ending_.isRejected(RejectionKind::kCancelled)) return;
  timeout.countFired();
  if (kept_ != nullptr && !std::exchange(is_abandoned_, true)) timeout.countAbandoned();
  ending_.timeOut(timeout.name());
}

Passage::Move Passage::refuse(const Rejection& rejection) noexcept {
  ending_.refuse(rejection);
  inwards_ = false;
  return Move::kOn;
}

AttemptLimit Passage::limitAfter(Moment past) const noexcept {
  AttemptLimit first;
  if (call_->deadline > past) first.at = call_->deadline;
  for (std::size_t i = from_; i < depth_; ++i) {
    if (pipeline_->kind(i) != LayerKind::kTimeout || slots_[i].limit.own <= past) continue;
    if (slots_[i].limit.own >= first.at) continue;
    first = {slots_[i].limit.own, pipeline_->get<Timeout>(i).settings().style};
  }
  return first;
}

}  // namespace revenge::resilience
