// Run: one call under way, from its acquire to its end, in memory that is used again. While it waits it is driven by
// whoever brings it on (a timer, a bulkhead's waker, one who cancels), one at a time; while its caller has a token, by who
// settles that. Thread safety: as each function says. Lives as long as the Runs it is of.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/passage.hpp"
#include "pipeline/scheduler.hpp"
#include "wiring/entry.hpp"
#include "wiring/reply.hpp"

namespace revenge::resilience {

class Runs;

class alignas(64) Run final : Passage::Waker, Timer, Work {
 public:
  // What is asked for. The key is copied.
  struct Asked {
    const Entry* entry = nullptr;
    std::uint64_t caller = 0;  // the instance
    Moment deadline = Moment::never();
    std::string_view key;
    std::int64_t permits = 1;
    Priority priority = Priority::kBrowsing;
    Repeat repeat = Repeat::kUnsafe;
    HasFallback has_fallback = HasFallback::kNo;
  };

  explicit Run(Runs& runs) noexcept;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() = default;

  // By who has taken it from the Runs, or has claimed its token: true, it has gone as far as it goes now, and finish() tells
  // it; else it waits, and who called goes on by block(), or by waitFor().
  bool begin(const Asked& asked, Moment now) noexcept {
    entry_ = asked.entry;
    caller_.store(asked.caller, std::memory_order_relaxed);
    call_.deadline = asked.deadline;
    call_.permits = asked.permits;
    call_.priority = asked.priority;
    call_.repeat = asked.repeat;
    if (entry_->has_keys) keepKey(asked.key);
    signals_.store(kBusy, std::memory_order_relaxed);
    is_unwanted_ = false;
    was_cut_ = false;
    Passage::Waker* const waker = this;
    passage_.emplace(*entry_->pipeline, call_, asked.has_fallback, waker);
    step_ = passage_->begin(now);
    return isOver();
  }
  bool settle(const Settlement& settlement, Moment now) noexcept {
    signals_.store(kBusy, std::memory_order_relaxed);
    step_ = passage_->settle(now, settlement);
    return isOver();
  }
  // Answers what `told(const Reply&)` does. After this the run is its token's, or free.
  template <class Told>
  [[gnu::always_inline]] auto finish(Moment now, const Told& told) noexcept {
    Reply reply;
    reply.kind = step_.kind;
    reply.was_cut = was_cut_;
    reply.attempts = passage_->attempts();
    reply.until = step_.until;
    if (entry_->rate) reply.level = level(now);
    reply.ending = &passage_->ending();
    if (step_.kind == StepKind::kEnded) {
      auto answer = told(reply);
      release();
      return answer;
    }
    reply.token = publish(now);
    return told(reply);
  }

  // Lets it wait; the sink is told on whatever thread brings the end, perhaps before this returns. Requires: Runs::beginWait().
  void waitFor(std::unique_ptr<ReplySink> sink) noexcept;
  // Waits on this thread, then finish(). `wanted()`: asked now and then, false ends the wait.
  template <class Wanted, class Told>
  auto block(Wanted wanted, const Told& told) noexcept {
    is_blocked_.store(true, std::memory_order_release);
    while (!advance(take() | (wanted() ? 0U : kStop))) sleep();
    is_blocked_.store(false, std::memory_order_release);
    return finish(now(), told);
  }

  // Ends it, as unwanted, before it waits or where it may not: nothing is held afterwards, and the run is free.
  void giveUp() noexcept {
    (void)block([] { return false; }, [](const Reply&) { return true; });
  }

  // True: it was free, and is the caller's to begin.
  bool occupy() noexcept {
    std::uint64_t state = token_.load(std::memory_order_relaxed);
    return state == kFree && token_.compare_exchange_strong(state, kNobodys, std::memory_order_acquire,
                                                            std::memory_order_relaxed);
  }
  // True: the caller's token, and from here on his to settle.
  bool claim(std::uint64_t token, std::uint64_t caller) noexcept {
    if (token_.load(std::memory_order_acquire) != token || caller_.load(std::memory_order_relaxed) != caller)
      return false;
    return token_.compare_exchange_strong(token, kNobodys, std::memory_order_acq_rel);
  }
  // The same whoever holds it, for one whose instance is gone. 0: none.
  std::uint64_t token() const noexcept {
    const std::uint64_t state = token_.load(std::memory_order_acquire);
    return state == kFree ? kNobodys : state;
  }
  std::uint64_t caller() const noexcept { return caller_.load(std::memory_order_relaxed); }
  Moment grantedAt() const noexcept {
    return Moment::ofNanoseconds(granted_at_.load(std::memory_order_relaxed));
  }
  // Requires: claimed. Gives back what it holds, and the run to the Runs.
  void abandon(Moment now) noexcept;
  // Requires: nobody settles or ends it meanwhile.
  const Passage& passage() const noexcept { return *passage_; }
  const Entry& entry() const noexcept { return *entry_; }
  Moment until() const noexcept { return step_.until; }
  StepKind step() const noexcept { return step_.kind; }

 private:
  friend class Runs;
  static constexpr std::uint32_t kWoken = 1;
  static constexpr std::uint32_t kTime = 2;
  static constexpr std::uint32_t kStop = 4;  // nobody waits any more
  static constexpr std::uint32_t kCut = 8;   // the instance hands over
  static constexpr std::uint32_t kBusy = 16;
  // Of token_, beside tokens: under way or waiting; and, of a run that is in no list, free.
  static constexpr std::uint64_t kNobodys = 0;
  static constexpr std::uint64_t kFree = 1;

  void wake() noexcept override { raise(kWoken); }
  void raise(std::uint32_t bits) noexcept;
  // True: nobody brings it on, and the caller has to, by drain().
  bool enter(std::uint32_t bits) noexcept;
  std::uint32_t take() noexcept;
  bool leave() noexcept;
  void drain() noexcept;
  // True: it waits no more.
  bool advance(std::uint32_t bits) noexcept;
  bool arrive(Step step, Moment now) noexcept;
  void sleep() noexcept;
  void deliver() noexcept;
  void keepKey(std::string_view key) noexcept;
  inline std::uint64_t publish(Moment now) noexcept;
  inline void release() noexcept;
  void arm() noexcept;
  void disarm() noexcept;
  bool isOver() const noexcept { return step_.kind != StepKind::kQueued && step_.kind != StepKind::kWait; }
  Moment now() const noexcept;
  // Requires: entry_->rate.
  RateLevel level(Moment now) const noexcept;

  Runs& runs_;
  std::atomic<std::uint64_t> token_ = kNobodys;  // of who may settle
  std::atomic<std::uint64_t> caller_ = 0;
  std::atomic<std::int64_t> granted_at_ = 0;
  std::atomic<std::uint32_t> next_free_ = 0;
  std::uint32_t index_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t wait_ = 0;  // its number among those that wait; 0: none

  std::atomic<std::uint32_t> signals_ = 0;
  std::atomic<bool> is_blocked_ = false;
  bool is_armed_ = false;
  bool is_unwanted_ = false;
  bool was_cut_ = false;
  Step step_;
  const Entry* entry_ = nullptr;
  Call call_;
  std::string key_;
  std::optional<Passage> passage_;
  std::unique_ptr<ReplySink> sink_;
  std::mutex mutex_;
  std::condition_variable woken_;
};

}  // namespace revenge::resilience
