// What a body is told of its attempt, and may say of it: when it should be over, whether it is still wanted, how its end is
// to be judged. Thread safety: stopRequested() and stopToken() from any thread; the rest for the body alone.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>

#include "pipeline/call.hpp"
#include "pipeline/scheduler.hpp"

namespace revenge::resilience {

class Attempt {
 public:
  Attempt(const Call& call, std::uint32_t number, Moment deadline) noexcept
      : call_(call), deadline_(deadline), number_(number) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  const Call& call() const noexcept { return call_; }
  std::uint32_t number() const noexcept { return number_; }  // the first is 1
  // For timeouts of its own and for the header of an outgoing call (deadline.hpp).
  Moment deadline() const noexcept { return deadline_; }
  Duration remaining(Moment now) const noexcept { return resilience::remaining(now, deadline_); }

  // Cancelled by the caller, out of time, or beaten by a hedge.
  bool stopRequested() const noexcept {
    return stop_.load(std::memory_order_acquire) || call_.stop.stop_requested();
  }
  // The same as a token. Allocates when first asked for.
  std::stop_token stopToken();

  // In place of "a value is a success, an error a failure": slow, ignored, not to be retried, with the other side's hint.
  void judge(const Settlement& settlement) noexcept { judged_ = settlement; }
  Settlement settlement(Verdict by_itself) const noexcept {
    return judged_ ? *judged_ : Settlement{by_itself, {}, Again::kAllowed};
  }

  // By who runs it, any thread.
  void requestStop() noexcept;

 private:
  struct Relay {
    Attempt* attempt;
    void operator()() const noexcept { attempt->requestStop(); }
  };

  const Call& call_;
  Moment deadline_;
  std::uint32_t number_;
  std::optional<Settlement> judged_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::optional<std::stop_source> source_;                // guarded by mutex_
  std::optional<std::stop_callback<Relay>> from_caller_;  // set once, by the body
};

}  // namespace revenge::resilience
