// A pipeline whose order is known when it is compiled: the synchronous run() with everything inlined.
//
//   StaticPipeline pipeline(fallback, retry, breaker, bulkhead);   // references, outermost first
//   auto page = pipeline.run(scheduler, call, body, answer);
//
// It means what run() means of a Pipeline of the same policies; a test holds both against each other. Thread safety: as the
// policies, which outlive it.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "pipeline/run.hpp"

namespace revenge::resilience {

template <class... Policies>
class StaticPipeline {
 public:
  explicit StaticPipeline(Policies&... policies) noexcept : policies_(policies...) {}

  template <class Fn, class Answer = NoFallback,
            class Result = BodyResult<std::invoke_result_t<std::remove_reference_t<Fn>&, Attempt&>>>
  auto run(Scheduler& scheduler, const Call& call, Fn&& fn, Answer&& fallback = {}) const
      -> Outcome<typename Result::Value, typename Result::Error> {
    const Moment begun = scheduler.now();
    Run<Result, std::remove_reference_t<Fn>, std::remove_reference_t<Answer>> run{
        scheduler, call, fn, fallback, begun, call.deadline, {}, {}};
    if (call.stop.stop_requested())
      run.ending.refuse(rejectedFor(RejectionKind::kCancelled));
    else if (begun >= call.deadline)
      run.ending.refuse(rejectedFor(RejectionKind::kTimeout, FullReason::kDeadline));
    else
      pass<0>(run);
    if (run.ending.cause == Cause::kBody && run.now >= call.deadline) run.ending.timeOut({});
    run.ending.elapsed = run.now - begun;
    return std::move(run.word).outcome(run.ending);
  }

 private:
  template <class Result, class Fn, class Answer>
  struct Run {
    Scheduler& scheduler;
    const Call& call;
    Fn& fn;
    Answer& answer;
    Moment now;    // the last reading of the clock: one before the body and one behind it
    Moment limit;  // the earliest of the deadline and the timeouts around the layer at hand
    Ending ending;
    LastWord<typename Result::Value, typename Result::Error> word;

    static constexpr bool kHasAnswer = !std::is_same_v<std::remove_const_t<Answer>, NoFallback>;
    bool isCancelled() const { return call.stop.stop_requested(); }
    void readClock() { now = scheduler.now(); }
  };

  template <std::size_t kIndex, class R>
  void pass(R& run) const {
    if constexpr (kIndex == sizeof...(Policies))
      body(run);
    else
      layer<kIndex>(std::get<kIndex>(policies_), run);
  }

  template <class R>
  static void body(R& run) {
    ++run.ending.attempts;
    run.ending.reached = true;
    Attempt attempt(run.call, run.ending.attempts, run.limit);
    Verdict verdict;
    if (run.limit.isNever()) {
      verdict = run.word.take(run.fn, attempt);
    } else {
      const StopAt stop(run.scheduler, run.limit, attempt);
      verdict = run.word.take(run.fn, attempt);
    }
    run.readClock();
    run.ending.judge(attempt.settlement(verdict), run.isCancelled());
  }

  template <std::size_t kIndex, class R>
  void layer(Fallback& fallback, R& run) const {
    pass<kIndex + 1>(run);
    if constexpr (R::kHasAnswer) {
      if (!fallback.answers(run.ending)) return;
      fallback.count();
      const auto failure = run.word.takeFailure(run.ending);
      const Verdict verdict = run.word.take(run.answer, failure);
      run.readClock();
      run.ending.judge({verdict, {}, Again::kNever}, run.isCancelled());
    }
  }

  template <std::size_t kIndex, class R>
  void layer(Timeout& timeout, R& run) const {
    const Moment outer = run.limit;
    const Moment own = run.now + timeout.settings().limit;
    run.limit = std::min(outer, own);
    pass<kIndex + 1>(run);
    run.limit = outer;
    if (run.now < own || run.ending.isRejected(RejectionKind::kCancelled)) return;
    timeout.countFired();
    run.ending.timeOut(timeout.name());
  }

  template <std::size_t kIndex, class R>
  void layer(Retry& retry, R& run) const {
    RetryState state;
    retry.begin(state, run.now, budgetUse<kIndex>(retry));
    for (;;) {
      pass<kIndex + 1>(run);
      const std::optional<Duration> delay =
          retry.decide(state, run.ending, run.call.repeat, run.now, run.limit);
      if (!delay) break;
      run.ending.reached = false;
      if (*delay > Duration::zero() && !sleep(run, *delay)) {
        // Told of the cancelling, it goes no further.
        (void)retry.decide(state, run.ending, run.call.repeat, run.now, run.limit);
        break;
      }
    }
    retry.end(state);
  }

  template <std::size_t kIndex, class R>
  void layer(Breaker& breaker, R& run) const {
    const auto permit = breaker.acquire(run.now);
    if (!permit) return run.ending.refuse(permit.error());
    pass<kIndex + 1>(run);
    breaker.settle(*permit, run.ending.verdict, run.now, run.ending.retry_after);
  }

  template <std::size_t kIndex, class R>
  void layer(RateLimiter& limiter, R& run) const {
    passLimiter<kIndex>(limiter, limiter.reserve(run.now, remaining(run.now, run.limit)), run);
  }
  template <std::size_t kIndex, class R>
  void layer(KeyedLimiter& limiter, R& run) const {
    passLimiter<kIndex>(limiter, limiter.reserve(run.call.key, run.now, remaining(run.now, run.limit)), run);
  }
  template <std::size_t kIndex, class Limiter, class Grant, class R>
  void passLimiter(Limiter& limiter, const std::expected<Grant, Rejection>& grant, R& run) const {
    if (!grant) return run.ending.refuse(grant.error());
    const std::uint32_t attempts_before = run.ending.attempts;
    if (grant->wait <= Duration::zero() || sleep(run, grant->wait)) pass<kIndex + 1>(run);
    if (run.ending.attempts == attempts_before) limiter.cancel(*grant);
  }

  template <std::size_t kIndex, class R>
  void layer(Bulkhead& bulkhead, R& run) const {
    Blocking blocking(run.scheduler);
    const auto permit = blocking.acquire(bulkhead, run.now, run.call, run.limit);
    // Where it has waited, time has gone by.
    if (!permit || permit->started_at != run.now) run.readClock();
    if (!permit) return run.ending.refuse(permit.error());
    if (run.isCancelled())
      run.ending.refuse(rejectedFor(RejectionKind::kCancelled));
    else
      pass<kIndex + 1>(run);
    bulkhead.settle(*permit, run.ending.verdict, run.now);
  }

  template <std::size_t kIndex, class R>
  void layer(AdaptiveLimiter& limiter, R& run) const {
    const auto permit = limiter.acquire(run.now, run.call.priority);
    if (!permit) return run.ending.refuse(permit.error());
    pass<kIndex + 1>(run);
    limiter.settle(*permit, run.ending.capacityVerdict(), run.now);
  }

  // False: cancelled, and the ending says so.
  template <class R>
  static bool sleep(R& run, Duration time) {
    Blocking blocking(run.scheduler);
    const bool went_on = blocking.sleep(run.now + time, run.call.stop);
    run.readClock();
    if (!went_on) run.ending.refuse(rejectedFor(RejectionKind::kCancelled));
    return went_on;
  }

  // As Pipeline::budgetUse().
  template <std::size_t kIndex>
  BudgetUse budgetUse(const Retry& retry) const {
    bool is_counted = false;
    [&]<std::size_t... kOuter>(std::index_sequence<kOuter...>) {
      ((is_counted = is_counted || budgetOf(std::get<kOuter>(policies_)) == retry.budget()), ...);
    }(std::make_index_sequence<kIndex>());
    return is_counted ? BudgetUse::kCounted : BudgetUse::kCounts;
  }
  static const RetryBudget* budgetOf(const Retry& retry) { return retry.budget(); }
  template <class Other>
  static const RetryBudget* budgetOf(const Other&) {
    return nullptr;
  }

  std::tuple<Policies&...> policies_;
};

}  // namespace revenge::resilience
