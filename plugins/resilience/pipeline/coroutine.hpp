// Runs a coroutine through a pipeline, from a coroutine:
//
//   Outcome<Page, int> page = co_await runAwaited<Page, int>(pipeline, scheduler, call,
//                                 [=](Attempt& attempt) -> Task<std::expected<Page, int>> { ... });
//
// The body returns something that can be awaited, of T, void or std::expected<T, E>; each attempt awaits one of its own. The caller is
// resumed on the thread that brought the end about, at once if it is there already. Thread safety: as start.hpp, whose words
// about bodies that go on after the end hold here too.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "pipeline/start.hpp"

namespace revenge::resilience {

// A coroutine that nobody awaits; it ends by itself.
struct Unawaited {
  struct promise_type {
    Unawaited get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

// shared: an attempt that was detached still runs in it.
template <class T, class E, class Fn>
Unawaited awaitBody(std::shared_ptr<Fn> fn, Attempt& attempt, Completion<T, E> completion) {
  std::exception_ptr exception;
  try {
    if constexpr (std::is_void_v<decltype((*fn)(attempt).await_resume())>) {
      co_await (*fn)(attempt);
      completion(std::expected<T, E>());
    } else {
      completion(co_await (*fn)(attempt));
    }
    co_return;
  } catch (...) {
    exception = std::current_exception();
  }
  completion.fail(std::move(exception));
}

template <class T, class E, class Fn, class Answer>
class AwaitedRun {
 public:
  AwaitedRun(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler, const Call& call, Fn fn,
             Answer answer)
      : pipeline_(std::move(pipeline)),
        scheduler_(scheduler),
        call_(call),
        fn_(std::make_shared<Fn>(std::move(fn))),
        answer_(std::move(answer)) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    // shared: the end may come, and resume the caller, before start() has returned.
    const auto meeting = meeting_;
    start<T, E>(
        std::move(pipeline_), scheduler_, call_,
        [fn = std::move(fn_)](Attempt& attempt, Completion<T, E> completion) {
          awaitBody<T, E>(fn, attempt, std::move(completion));
        },
        [meeting, caller](Outcome<T, E> outcome) noexcept {
          meeting->outcome.emplace(std::move(outcome));
          if (meeting->is_met.exchange(true, std::memory_order_acq_rel)) caller.resume();
        },
        std::move(answer_));
    // The second of both goes on with the caller.
    return !meeting->is_met.exchange(true, std::memory_order_acq_rel);
  }
  Outcome<T, E> await_resume() { return std::move(*meeting_->outcome); }

 private:
  struct Meeting {
    std::optional<Outcome<T, E>> outcome;
    std::atomic<bool> is_met = false;
  };

  std::shared_ptr<const Pipeline> pipeline_;
  Scheduler& scheduler_;
  Call call_;
  std::shared_ptr<Fn> fn_;
  Answer answer_;
  std::shared_ptr<Meeting> meeting_ = std::make_shared<Meeting>();
};

template <class T, class E = NoError, class Fn, class Answer = NoFallback>
[[nodiscard]] AwaitedRun<T, E, Fn, Answer> runAwaited(std::shared_ptr<const Pipeline> pipeline,
                                                      Scheduler& scheduler, const Call& call, Fn fn,
                                                      Answer fallback = {}) {
  return {std::move(pipeline), scheduler, call, std::move(fn), std::move(fallback)};
}

}  // namespace revenge::resilience
