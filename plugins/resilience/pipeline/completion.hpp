// How an asynchronous body says how it ended. Thread safety: one thread at a time; it may be handed to another.
#pragma once

#include <exception>
#include <expected>
#include <memory>
#include <utility>

#include "pipeline/flow.hpp"
#include "pipeline/outcome.hpp"

namespace revenge::resilience {

template <class T, class E>
class RunningBody final : public Running {
 public:
  RunningBody(std::shared_ptr<Flow> flow, std::shared_ptr<const void> owner, const Call& call,
              std::uint32_t number, Moment deadline, std::size_t part_end)
      : Running(std::move(flow), std::move(owner), call, number, deadline), end(part_end) {}

  LastWord<T, E> word;    // written by who has claimed it, before finish()
  const std::size_t end;  // where its part of the pipeline ends
};

// Called once. What goes out of scope without was lost by the body: it counts as abandoned, and all permits come back.
template <class T, class E>
class Completion {
 public:
  explicit Completion(std::shared_ptr<RunningBody<T, E>> running)
      : running_(std::move(running)), exceptions_(std::uncaught_exceptions()) {}
  Completion(Completion&&) noexcept = default;
  Completion& operator=(Completion&&) = delete;
  ~Completion() {
    // While the body throws, the exception is its end; who has called it sees to that.
    if (running_ && std::uncaught_exceptions() == exceptions_ && running_->claim())
      running_->finish(Verdict::kAbandoned);
  }

  void operator()(std::expected<T, E> result) {
    const auto running = std::exchange(running_, nullptr);
    if (!running || !running->claim()) return;
    const Verdict verdict = result ? Verdict::kSuccess : Verdict::kFailure;
    running->word.result.emplace(std::move(result));
    running->finish(verdict);
  }
  void fail(std::exception_ptr exception) {
    const auto running = std::exchange(running_, nullptr);
    if (!running || !running->claim()) return;
    running->word.exception = std::move(exception);
    running->finish(Verdict::kFailure);
  }
  // As long as it is not called.
  Attempt& attempt() const { return running_->attempt; }

 private:
  std::shared_ptr<RunningBody<T, E>> running_;
  int exceptions_;
};

}  // namespace revenge::resilience
