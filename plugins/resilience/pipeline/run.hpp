// Runs a function through a pipeline on the calling thread, and blocks it for what is to be waited for.
//
//   auto page = run(pipeline, scheduler, {.deadline = ..., .repeat = Repeat::kSafe},
//                   [&](Attempt& attempt) -> std::expected<Page, int> { return fetch(url, attempt.stopToken()); },
//                   [&](const Failure<int>&) { return cached(url); });      // the fallback, where the pipeline has one
//
// The body returns T, void or std::expected<T, E>. A value is a success, an error or an exception a failure, unless it says
// otherwise by attempt.judge(). Exceptions do not leave: Failure::exception holds the last. Nothing is allocated.
//
// Timeouts are cooperative here, whatever the pipeline says, and hedges and coalescing are passed by: for them the body
// must leave the calling thread; start() in start.hpp does that. Thread safety: any number of runs at once.
#pragma once

#include <type_traits>
#include <utility>

#include "pipeline/attempt.hpp"
#include "pipeline/blocking.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/passage.hpp"

namespace revenge::resilience {

struct NoFallback {};

// The pipeline, the scheduler and what the call refers to outlive the run.
template <class Fn, class Answer = NoFallback,
          class Result = BodyResult<std::invoke_result_t<std::remove_reference_t<Fn>&, Attempt&>>>
auto run(const Pipeline& pipeline, Scheduler& scheduler, const Call& call, Fn&& fn, Answer&& fallback = {})
    -> Outcome<typename Result::Value, typename Result::Error> {
  constexpr bool kHasFallback = !std::is_same_v<std::remove_cvref_t<Answer>, NoFallback>;
  Blocking blocking(scheduler);
  Passage passage(pipeline, call, kHasFallback ? HasFallback::kYes : HasFallback::kNo, &blocking);
  LastWord<typename Result::Value, typename Result::Error> last;
  Step step = passage.begin(scheduler.now());
  for (;;) {
    switch (step.kind) {
      case StepKind::kGranted: {
        Attempt attempt(call, passage.attempts(), step.until);
        Verdict verdict;
        if (step.until.isNever()) {
          verdict = last.take(fn, attempt);
        } else {
          const StopAt stop(scheduler, step.until, attempt);
          verdict = last.take(fn, attempt);
        }
        step = passage.settle(scheduler.now(), attempt.settlement(verdict));
        break;
      }
      case StepKind::kQueued:
        step = blocking.awaitSlot(passage, step.until);
        break;
      case StepKind::kWait:
        step = blocking.awaitMoment(passage, step.until);
        break;
      case StepKind::kFallback:
        if constexpr (kHasFallback) {
          const Failure<typename Result::Error> failure = last.takeFailure(passage.ending());
          const Verdict verdict = last.take(fallback, failure);
          step = passage.settle(scheduler.now(), {verdict, {}, Again::kNever});
        }
        break;
      case StepKind::kEnded:
        return std::move(last).outcome(passage.ending());
    }
  }
}

}  // namespace revenge::resilience
