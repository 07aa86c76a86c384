// Drives one passage without blocking: timers, wake-ups, cancelling and the ends of bodies arrive from any thread and are
// handled one at a time. What the bodies are and what they answer is not its matter; start.hpp adds that. Thread safety: all
// functions from any thread. Lives as long as somebody holds it; bodies hold it until they end.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>

#include "pipeline/attempt.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/scheduler.hpp"
#include "pipeline/turnstile.hpp"

namespace revenge::resilience {

class Flow;

// An attempt under way. Outlives its flow's interest in it where a timeout has detached it; then it holds slots still.
class Running {
 public:
  // `owner` holds the call, and the policies whose slots may be kept.
  Running(std::shared_ptr<Flow> flow, std::shared_ptr<const void> owner, const Call& call,
          std::uint32_t number, Moment deadline) noexcept
      : attempt(call, number, deadline), flow_(std::move(flow)), owner_(std::move(owner)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  virtual ~Running() = default;

  // True for the first who asks: that one finishes it.
  bool claim() noexcept { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  // Once, by who has claimed it, from any thread.
  void finish(Verdict verdict) noexcept;
  void finish(const Ending& inner) noexcept;

  Attempt attempt;

 private:
  friend class Flow;
  enum class State : std::uint8_t { kRunning, kDetaching, kDetached, kDone };
  void finished() noexcept;

  std::shared_ptr<Flow> flow_;  // shared: a body that ends late still finds it
  std::shared_ptr<const void> owner_;
  std::variant<Settlement, Ending> end_;
  KeptSlots kept_;
  std::atomic<State> state_ = State::kRunning;
  std::atomic<bool> claimed_ = false;
};

class Flow final : public std::enable_shared_from_this<Flow>, Passage::Waker, Timer, Work {
 public:
  // What a flow is for. Called by one thread at a time.
  class Body {
   public:
    virtual ~Body() = default;
    // The record of an attempt, then its start; a body may finish inside of start.
    virtual std::shared_ptr<Running> prepare(std::shared_ptr<Flow> flow, std::uint32_t number,
                                             Moment deadline) = 0;
    virtual void start(const std::shared_ptr<Running>& running) noexcept = 0;
    // The attempt's answer is the run's from here on; one that is detached never comes here.
    virtual void keep(Running& running) noexcept = 0;
    virtual Verdict fallback(const Ending& ending) noexcept = 0;
    virtual void ended(const Ending& ending) noexcept = 0;
  };

  // shared: the body holds what runs may still refer to, the pipeline and the call among it.
  Flow(std::shared_ptr<Body> body, Scheduler& scheduler, const Pipeline& pipeline, const Call& call,
       HasFallback has_fallback, std::size_t from, std::size_t to) noexcept;

  // Once; the run goes on inside of it as far as it can.
  void begin() noexcept { raise(kBegin, Where::kHere); }
  Scheduler& scheduler() const noexcept { return scheduler_; }

 private:
  friend class Running;
  static constexpr std::uint32_t kBegin = 1;
  static constexpr std::uint32_t kFinished = 2;
  static constexpr std::uint32_t kTime = 4;
  static constexpr std::uint32_t kStop = 8;
  static constexpr std::uint32_t kWoken = 16;
  // Timers, releasers of slots and cancellers are not held up by what the run does next.
  enum class Where : std::uint8_t { kHere, kElsewhere };
  struct Stop {
    Flow* flow;
    void operator()() const noexcept { flow->raise(kStop, Where::kElsewhere); }
  };

  void wake() noexcept override { raise(kWoken, Where::kElsewhere); }
  void raise(std::uint32_t bits, Where where) noexcept;
  void drain() noexcept;
  void handle(std::uint32_t bits) noexcept;
  void handleRunning(std::uint32_t bits, Moment now) noexcept;
  void arrive(Step step) noexcept;
  // False: there is no memory for an attempt.
  bool prepare(const Step& step) noexcept;
  void arm(Moment when) noexcept;
  void disarm() noexcept;

  std::shared_ptr<Body> body_;
  Scheduler& scheduler_;
  Turnstile turnstile_;
  std::shared_ptr<Flow> self_;    // from begin to end: queues and timers know it by its address
  std::shared_ptr<Flow> posted_;  // itself, while its work is with the scheduler
  Passage passage_;
  Step step_;
  Moment passed_;  // limits of the attempt up to here have been acted upon
  bool armed_ = false;
  std::shared_ptr<Running> running_;
  std::optional<std::stop_callback<Stop>> on_stop_;
};

}  // namespace revenge::resilience
