// One asynchronous run: its function, its fallback, and what it does at its end; and its way through the parts of the
// pipeline, each of which is a flow. Made by start(). Thread safety: as Flow.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "pipeline/coalescer.hpp"
#include "pipeline/completion.hpp"
#include "pipeline/run.hpp"

namespace revenge::resilience {

// What all parts of a run share. T, E: of the body.
template <class T, class E>
class Operation : public std::enable_shared_from_this<Operation<T, E>> {
 public:
  using Body = RunningBody<T, E>;

  Operation(std::shared_ptr<const Pipeline> its_pipeline, Scheduler& its_scheduler, HasFallback fallback)
      : pipeline(std::move(its_pipeline)), scheduler(its_scheduler), has_fallback(fallback) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  // The user's function; may throw.
  virtual void call(Attempt& attempt, Completion<T, E> completion) = 0;
  virtual Verdict answer(const Ending& ending, LastWord<T, E>& word) noexcept = 0;

  // What lies behind the part that this attempt has passed: the body, or layers that run several attempts (parts.hpp).
  void enter(const std::shared_ptr<Body>& running) noexcept;

  // shared: a run keeps the pipeline it has begun with.
  const std::shared_ptr<const Pipeline> pipeline;
  Scheduler& scheduler;
  const HasFallback has_fallback;
};

// A part of a run, as a flow sees it; what its end leads to is the derived class's.
template <class T, class E>
class Part : public Flow::Body, public std::enable_shared_from_this<Part<T, E>> {
 public:
  Part(std::shared_ptr<Operation<T, E>> its_operation, const Call& its_call)
      : operation(std::move(its_operation)), call(its_call) {}

  void begin(std::size_t from) {
    const Pipeline& pipeline = *operation->pipeline;
    end_ = pipeline.partEnd(from);
    std::make_shared<Flow>(this->shared_from_this(), operation->scheduler, pipeline, call,
                           operation->has_fallback, from, end_)
        ->begin();
  }

  std::shared_ptr<Running> prepare(std::shared_ptr<Flow> flow, std::uint32_t number,
                                   Moment deadline) override {
    return std::make_shared<RunningBody<T, E>>(std::move(flow), this->shared_from_this(), call, number,
                                               deadline, end_);
  }
  void start(const std::shared_ptr<Running>& running) noexcept override {
    operation->enter(std::static_pointer_cast<RunningBody<T, E>>(running));
  }
  void keep(Running& running) noexcept override {
    word = std::move(static_cast<RunningBody<T, E>&>(running).word);
  }
  Verdict fallback(const Ending& ending) noexcept override { return operation->answer(ending, word); }

 protected:
  const std::shared_ptr<Operation<T, E>> operation;
  const Call call;
  LastWord<T, E> word;

 private:
  std::size_t end_ = 0;
};

}  // namespace revenge::resilience
