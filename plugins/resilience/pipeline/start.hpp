// Runs a function through a pipeline without blocking: the body says later how it ended, and `done` is called once with the
// outcome, on the thread that brought it about.
//
//   start<Page, int>(pipeline, scheduler, call,
//                    [=](Attempt& attempt, Completion<Page, int> completion) { client.get(url, std::move(completion)); },
//                    [=](Outcome<Page, int> page) { ... });
//
// A body whose result comes as a return value leaves the calling thread by apart(fn); runApart() is run() in that way, for
// pipelines with detached timeouts, hedges or coalescing. One run is a handful of allocations. A body that was detached, or
// lost a hedge, may go on after `done`: what it refers to must live as long. The attempt lives until the completion is
// called. Thread safety: any number of runs at once; the scheduler outlives them.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "pipeline/parts.hpp"

namespace revenge::resilience {

template <class T, class E, class Fn, class Answer>
class FunctionOperation final : public Operation<T, E> {
 public:
  FunctionOperation(std::shared_ptr<const Pipeline> its_pipeline, Scheduler& its_scheduler, Fn fn,
                    Answer answer)
      : Operation<T, E>(std::move(its_pipeline), its_scheduler,
                        kHasAnswer ? HasFallback::kYes : HasFallback::kNo),
        fn_(std::move(fn)),
        answer_(std::move(answer)) {}

  void call(Attempt& attempt, Completion<T, E> completion) override { fn_(attempt, std::move(completion)); }
  Verdict answer(const Ending& ending, LastWord<T, E>& word) noexcept override {
    if constexpr (kHasAnswer) {
      const Failure<E> failure = word.takeFailure(ending);
      return word.take(answer_, failure);
    } else {
      return ending.verdict;
    }
  }

 private:
  static constexpr bool kHasAnswer = !std::is_same_v<Answer, NoFallback>;
  Fn fn_;
  Answer answer_;
};

template <class T, class E, class Done>
class WholeRun final : public Part<T, E> {
 public:
  WholeRun(std::shared_ptr<Operation<T, E>> its_operation, const Call& its_call, Done done)
      : Part<T, E>(std::move(its_operation), its_call), done_(std::move(done)) {}
  void ended(const Ending& ending) noexcept override { done_(std::move(this->word).outcome(ending)); }

 private:
  Done done_;
};

// `done` must not throw. What the call refers to lives until the last body has ended.
template <class T, class E = NoError, class Fn, class Done, class Answer = NoFallback>
void start(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler, const Call& call, Fn fn, Done done,
           Answer fallback = {}) {
  auto operation = std::make_shared<FunctionOperation<T, E, Fn, Answer>>(std::move(pipeline), scheduler,
                                                                         std::move(fn), std::move(fallback));
  std::make_shared<WholeRun<T, E, Done>>(std::move(operation), call, std::move(done))->begin(0);
}

// A body of run() as one of start(): called on a thread of the scheduler's.
template <class Fn>
auto apart(Scheduler& scheduler, Fn fn) {
  using Result = BodyResult<std::invoke_result_t<Fn&, Attempt&>>;
  using T = typename Result::Value;
  using E = typename Result::Error;
  struct Apart : Work {
    Apart(std::shared_ptr<Fn> its_fn, Attempt& its_attempt, Completion<T, E> its_completion)
        : Work([](Work& work) noexcept {
            const std::unique_ptr<Apart> self(static_cast<Apart*>(&work));
            LastWord<T, E> word;
            (void)word.take(*self->fn, self->attempt);
            if (word.exception)
              self->completion.fail(std::move(word.exception));
            else
              self->completion(std::move(*word.result));
          }),
          fn(std::move(its_fn)),
          attempt(its_attempt),
          completion(std::move(its_completion)) {}
    // shared: hedges call the same function beside each other.
    std::shared_ptr<Fn> fn;
    Attempt& attempt;
    Completion<T, E> completion;
  };
  return [&scheduler, shared = std::make_shared<Fn>(std::move(fn))](Attempt& attempt,
                                                                    Completion<T, E> completion) {
    scheduler.post(*std::make_unique<Apart>(shared, attempt, std::move(completion)).release());
  };
}

// As run(), with the body on threads of the scheduler's, so that the calling thread need not wait for its end.
template <class Fn, class Answer = NoFallback, class Result = BodyResult<std::invoke_result_t<Fn&, Attempt&>>>
auto runApart(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler, const Call& call, Fn fn,
              Answer fallback = {}) -> Outcome<typename Result::Value, typename Result::Error> {
  using T = typename Result::Value;
  using E = typename Result::Error;
  // shared: with the thread that sets it and then notifies.
  struct Shared {
    std::optional<Outcome<T, E>> outcome;
    std::atomic<std::uint32_t> is_done = 0;
  };
  const auto shared = std::make_shared<Shared>();
  start<T, E>(
      std::move(pipeline), scheduler, call, apart(scheduler, std::move(fn)),
      [shared](Outcome<T, E> outcome) noexcept {
        shared->outcome.emplace(std::move(outcome));
        shared->is_done.store(1, std::memory_order_release);
        shared->is_done.notify_all();
      },
      std::move(fallback));
  scheduler.awaitNonZero(shared->is_done);
  return std::move(*shared->outcome);
}

}  // namespace revenge::resilience
