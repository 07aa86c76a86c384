// One run's way through a pipeline, as a state machine: what asks, waits and answers is the caller. It is the form that
// crosses the boundary of the plugin, and what run.hpp is made of.
//
//   Step step = passage.begin(now);
//     kGranted   make the call, then settle(); it should end by `until`
//     kQueued    a bulkhead's waker comes: then woken(). If it has not by `until`: expire()
//     kWait      until `until`, then resume(): the delay of a retry, or a permit that a limiter has promised
//     kFallback  answer by the fallback, then settle() what it says
//     kEnded     ending() says how
//
// A fixed-size record that allocates nothing. Each permit is given back exactly once, whatever way the run ends; one that is
// still held when the passage is destroyed is abandoned. Layers that run several attempts beside each other (hedge, coalesce)
// let it through; run.hpp makes a passage for each part between them. Thread safety: one thread at a time; a bulkhead calls
// the waker from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "pipeline/call.hpp"
#include "pipeline/ending.hpp"
#include "pipeline/kept_slots.hpp"
#include "pipeline/pipeline.hpp"

namespace revenge::resilience {

enum class StepKind : std::uint8_t { kGranted, kQueued, kWait, kFallback, kEnded };

struct Step {
  StepKind kind = StepKind::kEnded;
  Moment until = Moment::never();
};

enum class HasFallback : std::uint8_t { kNo, kYes };

// When an attempt should be over, and what then.
struct AttemptLimit {
  Moment at = Moment::never();
  TimeoutStyle style = TimeoutStyle::kCooperative;
};

class Passage {
 public:
  // Called once for each kQueued that was not cancelled, from any thread, also before begin() has returned; whoever drives
  // the passage then calls woken(), from there or elsewhere, but never two at once.
  class Waker {
   public:
    virtual void wake() noexcept = 0;

   protected:
    ~Waker() = default;
  };

  // The pipeline and the call outlive it. Without a waker no bulkhead queues: full is full. [from, to): the layers it passes.
  Passage(const Pipeline& pipeline, const Call& call, HasFallback has_fallback, Waker* waker) noexcept
      : Passage(pipeline, call, has_fallback, waker, 0, pipeline.size()) {}
  Passage(const Pipeline& pipeline, const Call& call, HasFallback has_fallback, Waker* waker,
          std::size_t from, std::size_t to) noexcept;
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  // Requires: not kQueued.
  ~Passage();

  Step begin(Moment now) noexcept;
  // Requires: kGranted or kFallback.
  Step settle(Moment now, const Settlement& settlement) noexcept;
  // The same where what the body has run is a pipeline of its own: its ending is told as it is.
  Step settle(Moment now, const Ending& inner) noexcept;
  // Requires: kWait.
  Step resume(Moment now) noexcept;
  // Requires: kQueued, and the waker was called.
  Step woken(Moment now) noexcept;
  // At the `until` of kQueued. The waker is called, if not by this then by who was first.
  void expire(Moment now) noexcept;

  // Ends what waits, as cancelled. Requires: kWait or kQueued. False (kQueued alone): the waker is called all the same, and
  // only then the run goes on; the caller's stop token tells it that nobody wants it any more.
  bool cancelWait(Moment now, Step& step) noexcept;
  // Requires: kGranted and a detached limit that has come. The run goes on as timed out while the body still works; its
  // slots go into `kept`.
  Step detach(Moment now, KeptSlots& kept) noexcept;
  // Gives every permit back without a verdict, and ends as cancelled. Requires: not kQueued.
  void abandon(Moment now) noexcept;

  // The first limit after `past`; of the attempt that was granted.
  AttemptLimit limitAfter(Moment past) const noexcept;
  // What it holds, as tokens that another version may settle: `visit(layer, permit)` with a BreakerPermit, BulkheadPermit,
  // AdaptivePermit or RetryState, from the outermost on, and with a RateGrant or KeyedGrant that goes back where the attempt at
  // hand is not made after all. Requires: kGranted or kFallback.
  template <class Visit>
  void eachHeld(Visit&& visit) const;
  const Ending& ending() const noexcept { return ending_; }
  std::uint32_t attempts() const noexcept { return attempts_; }
  const Call& call() const noexcept { return *call_; }
  const Pipeline& pipeline() const noexcept { return *pipeline_; }

 private:
  enum class Phase : std::uint8_t { kNew, kGranted, kQueued, kWait, kFallback, kEnded };

  // What entering or leaving a layer leads to: the next one, a step for the caller, or back the other way.
  enum class Move : std::uint8_t { kOn, kStop, kTurn };

  struct Limit {
    Moment own;
    Moment outer;
  };
  template <class Grant>
  struct Granted {
    Grant grant;
    std::uint32_t attempts_before;  // as many afterwards: it was not used, and goes back
  };
  template <class Grant>
  bool isOfThisAttempt(const Granted<Grant>& granted) const noexcept {
    return phase_ == Phase::kGranted && granted.attempts_before + 1 == attempts_;
  }
  // What a layer remembers of this run.
  union Slot {
    Slot() {}  // NOLINT: each is written when its layer is entered, and read only after that
    Limit limit;
    RetryState retry;
    BreakerPermit breaker;
    BulkheadPermit bulkhead;
    AdaptivePermit adaptive;
    Granted<RateGrant> rate;
    Granted<KeyedGrant> keyed;
  };

  Step walk(Moment now) noexcept;
  Step end(Moment now) noexcept;
  Move enter(Moment now, Step& step) noexcept;
  Move leave(Moment now, Step& step) noexcept;
  Move enterBulkhead(Bulkhead& bulkhead, Slot& slot, Moment now, Step& step) noexcept;
  template <class Grant>
  Move enterLimiter(const std::expected<Grant, Rejection>& answer, Granted<Grant>& slot, Moment now,
                    Step& step) noexcept;
  Move leaveFallback(Fallback& fallback, Step& step) noexcept;
  Move leaveRetry(Retry& retry, Slot& slot, Moment now, Step& step) noexcept;
  void leaveTimeout(Timeout& timeout, const Slot& slot, Moment now) noexcept;
  // Sets the ending and the direction.
  Move refuse(const Rejection& rejection) noexcept;
  static void wakeUp(BulkheadWaiter& waiter, const std::expected<BulkheadPermit, Rejection>& answer) noexcept;

  const Pipeline* pipeline_;
  const Call* call_;
  Waker* waker_;
  KeptSlots* kept_ = nullptr;  // while detach() walks
  Moment began_;
  Moment limit_;     // the earliest of the deadline and the timeouts around the layer at hand
  Moment last_now_;  // for the destructor
  std::uint8_t from_;
  std::uint8_t to_;
  std::uint8_t depth_;  // layers before it are entered
  Phase phase_ = Phase::kNew;
  HasFallback has_fallback_;
  bool inwards_ = true;
  bool is_abandoned_ = false;  // detach() has found the timeout that gave the body up
  std::uint32_t attempts_ = 0;
  Ending ending_;
  BulkheadWaiter waiter_;
  std::expected<BulkheadPermit, Rejection> answer_;
  std::array<Slot, kMaxLayers> slots_;
};

template <class Visit>
void Passage::eachHeld(Visit&& visit) const {
  for (std::size_t i = from_; i < depth_; ++i) {
    switch (pipeline_->kind(i)) {
      case LayerKind::kRetry:
        visit(i, slots_[i].retry);
        break;
      case LayerKind::kBreaker:
        visit(i, slots_[i].breaker);
        break;
      case LayerKind::kBulkhead:
        visit(i, slots_[i].bulkhead);
        break;
      case LayerKind::kAdaptive:
        visit(i, slots_[i].adaptive);
        break;
      case LayerKind::kRate:
        if (isOfThisAttempt(slots_[i].rate)) visit(i, slots_[i].rate.grant);
        break;
      case LayerKind::kKeyedRate:
        if (isOfThisAttempt(slots_[i].keyed)) visit(i, slots_[i].keyed.grant);
        break;
      case LayerKind::kFallback:
      case LayerKind::kTimeout:
      case LayerKind::kHedge:
      case LayerKind::kCoalesce:
        break;
    }
  }
}

}  // namespace revenge::resilience
