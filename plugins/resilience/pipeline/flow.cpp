#include "pipeline/flow.hpp"

#include <limits>
#include <utility>

namespace revenge::resilience {

void Running::finish(Verdict verdict) noexcept {
  end_ = attempt.settlement(verdict);
  finished();
}

void Running::finish(const Ending& inner) noexcept {
  end_ = inner;
  finished();
}

void Running::finished() noexcept {
  const std::shared_ptr<Flow> flow = flow_;
  switch (state_.exchange(State::kDone, std::memory_order_acq_rel)) {
    case State::kRunning:
      flow->raise(Flow::kFinished, Flow::Where::kHere);
      break;
    case State::kDetached:
      kept_.release(flow->scheduler().now());
      break;
    case State::kDetaching:  // who detaches sees it, and releases
    case State::kDone:
      break;
  }
}

Flow::Flow(std::shared_ptr<Body> body, Scheduler& scheduler, const Pipeline& pipeline, const Call& call,
           HasFallback has_fallback, std::size_t from, std::size_t to) noexcept
    : Timer([](Timer& timer, Moment) noexcept { static_cast<Flow&>(timer).raise(kTime, Where::kElsewhere); }),
      Work([](Work& work) noexcept {
        auto& self = static_cast<Flow&>(work);
        const std::shared_ptr<Flow> alive = std::move(self.posted_);
        self.drain();
      }),
      body_(std::move(body)),
      scheduler_(scheduler),
      passage_(pipeline, call, has_fallback, this, from, to) {}

void Flow::raise(std::uint32_t bits, Where where) noexcept {
  if (!turnstile_.raise(bits)) return;
  if (where == Where::kElsewhere) {
    posted_ = weak_from_this().lock();
    scheduler_.post(*this);
    return;
  }
  const std::shared_ptr<Flow> alive = weak_from_this().lock();
  drain();
}

void Flow::drain() noexcept {
  do handle(turnstile_.take());
  while (!turnstile_.leave());
}

void Flow::handle(std::uint32_t bits) noexcept {
  const Moment now = scheduler_.now();
  if ((bits & kBegin) != 0) {
    self_ = weak_from_this().lock();
    if (passage_.call().stop.stop_possible()) on_stop_.emplace(passage_.call().stop, Stop{this});
    arrive(passage_.begin(now));
    return;
  }
  // A timer that was overtaken may have left its bit: the clock decides.
  const bool is_time = (bits & kTime) != 0 && now >= step_.until;
  switch (step_.kind) {
    case StepKind::kGranted:
      handleRunning(bits, now);
      break;
    case StepKind::kQueued:
      if ((bits & kWoken) != 0) {
        arrive(passage_.woken(now));
      } else if (Step step; (bits & kStop) != 0 && passage_.cancelWait(now, step)) {
        arrive(step);
      } else if (is_time) {
        passage_.expire(now);
      }
      break;
    case StepKind::kWait:
      if (is_time || (bits & kStop) != 0) arrive(passage_.resume(now));
      break;
    case StepKind::kFallback:
    case StepKind::kEnded:
      break;
  }
}

void Flow::handleRunning(std::uint32_t bits, Moment now) noexcept {
  Running& running = *running_;
  if (running.state_.load(std::memory_order_acquire) == Running::State::kDone) {
    body_->keep(running);
    const auto end = running.end_;
    running_.reset();
    arrive(std::visit([&](const auto& how) { return passage_.settle(now, how); }, end));
    return;
  }
  // Of the caller's stop the attempt knows by itself.
  const AttemptLimit limit = passage_.limitAfter(passed_);
  if ((bits & kTime) == 0 || now < limit.at) return;
  running.attempt.requestStop();
  if (limit.style == TimeoutStyle::kDetached) {
    auto state = Running::State::kRunning;
    // Finished in this very moment: that is on its way here.
    if (!running.state_.compare_exchange_strong(state, Running::State::kDetaching, std::memory_order_acq_rel))
      return;
    const std::shared_ptr<Running> left = std::move(running_);
    const Step step = passage_.detach(now, left->kept_);
    state = Running::State::kDetaching;
    if (!left->state_.compare_exchange_strong(state, Running::State::kDetached, std::memory_order_acq_rel))
      left->kept_.release(now);
    arrive(step);
    return;
  }
  passed_ = limit.at;
  disarm();
  arm(passage_.limitAfter(passed_).at);
}

void Flow::arrive(Step step) noexcept {
  disarm();
  // Until it is somewhere where others bring it on.
  while (step.kind == StepKind::kFallback || (step.kind == StepKind::kGranted && !prepare(step))) {
    const Verdict verdict =
        step.kind == StepKind::kFallback ? body_->fallback(passage_.ending()) : Verdict::kAbandoned;
    step = passage_.settle(scheduler_.now(), Settlement{verdict, {}, Again::kNever});
  }
  step_ = step;
  switch (step.kind) {
    case StepKind::kGranted:
      passed_ = Moment::ofNanoseconds(std::numeric_limits<std::int64_t>::min());
      arm(step.until);
      body_->start(std::shared_ptr<Running>(running_));
      break;
    case StepKind::kQueued:
    case StepKind::kWait:
      arm(step.until);
      break;
    case StepKind::kFallback:
      break;
    case StepKind::kEnded: {
      on_stop_.reset();
      const std::shared_ptr<Body> body = std::move(body_);
      body->ended(passage_.ending());
      self_.reset();  // who has let this thread in holds it still
      break;
    }
  }
}

bool Flow::prepare(const Step& step) noexcept {
  try {
    running_ = body_->prepare(weak_from_this().lock(), passage_.attempts(), step.until);
    return true;
  } catch (...) {
    return false;
  }
}

void Flow::arm(Moment when) noexcept {
  if (when.isNever()) return;
  armed_ = true;
  scheduler_.at(when, *this);
}

void Flow::disarm() noexcept {
  if (std::exchange(armed_, false)) scheduler_.cancel(*this);
}

}  // namespace revenge::resilience
