// How many retries and hedges an upstream bears at once, shared by all who call it, so that nested retries do not
// multiply when it is down. Two rules:
//  - share: a retry may begin while retries_in_flight < max(min_concurrent, floor(rate x calls_in_flight));
//  - tokens (gRPC proposal A6): a failure takes one token, a success gives `token_ratio` back, and retries happen while
//    more than half of the tokens are there.
// Thread safety: all functions from any thread; both numbers of a decision are of one moment, and exactly one of those
// who race for the last place gets it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "policy/problem.hpp"

namespace revenge::resilience {

enum class BudgetRule { kShare, kTokens };

struct RetryBudgetSettings {
  BudgetRule rule = BudgetRule::kShare;
  double rate = 0.2;                 // share: of the calls in flight, 0 to 1
  std::uint32_t min_concurrent = 3;  // share: always allowed, so that a quiet upstream is retried at all
  std::uint32_t max_tokens = 100;    // tokens: 1 to 1000
  double token_ratio = 0.1;          // tokens: above 0; three decimals count
  bool operator==(const RetryBudgetSettings&) const = default;
};

std::optional<Problem> problem(const RetryBudgetSettings& settings);

class RetryBudget {
 public:
  // Requires: problem(settings) finds none.
  explicit RetryBudget(const RetryBudgetSettings& settings);

  // A place among the calls or among the retries, given back by its end. The budget must outlive it.
  template <void (RetryBudget::*kEnd)() noexcept>
  class Place {
   public:
    Place() = default;
    explicit Place(RetryBudget* budget) : budget_(budget) {}
    Place(Place&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      if (this != &other) {
        end();
        budget_ = std::exchange(other.budget_, nullptr);
      }
      return *this;
    }
    ~Place() { end(); }
    void end() noexcept {
      if (RetryBudget* const budget = std::exchange(budget_, nullptr)) (budget->*kEnd)();
    }
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    RetryBudget* budget_ = nullptr;
  };

  // The plain pairs, for who keeps the places in a record of its own: each begin is ended exactly once.
  void beginCall() noexcept { state_.fetch_add(kOneCall, std::memory_order_relaxed); }
  void endCall() noexcept { state_.fetch_sub(kOneCall, std::memory_order_relaxed); }
  // False: refused, and nothing is to be ended.
  bool beginRetry() noexcept;
  // Of one that was granted by an earlier version: it is not asked for again.
  void keepRetry() noexcept { state_.fetch_add(kOneRetry, std::memory_order_relaxed); }
  void endRetry() noexcept { state_.fetch_sub(kOneRetry, std::memory_order_relaxed); }

  using CallPlace = Place<&RetryBudget::endCall>;
  using RetryPlace = Place<&RetryBudget::endRetry>;
  CallPlace call() noexcept {
    beginCall();
    return CallPlace(this);
  }
  // An empty place: refused.
  RetryPlace tryRetry() noexcept { return RetryPlace(beginRetry() ? this : nullptr); }

  // How an attempt ended; only the token rule listens.
  void succeeded() noexcept;
  void failed() noexcept;

  // Live; calls and retries under way stay counted. A token account keeps its level, cut at the new maximum.
  // Requires: problem(settings) finds none.
  void reconfigure(const RetryBudgetSettings& settings) noexcept;

  struct Levels {
    std::uint32_t calls = 0;
    std::uint32_t retries = 0;
    double tokens = 0;          // of the token rule
    std::uint64_t refused = 0;  // since the budget was made
  };
  Levels levels() const noexcept;

 private:
  // Both counts in one word: a decision sees them as they were together.
  static constexpr std::uint64_t kOneCall = 1;
  static constexpr std::uint64_t kOneRetry = std::uint64_t{1} << 32;

  alignas(64) std::atomic<std::uint64_t> state_ = 0;
  std::atomic<std::int64_t> milli_tokens_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  // Read by each call, and so not beside what each call changes.
  // Rationale: millionths, so that floor(0.29 x 100) is 29 and not what binary fractions make of it.
  alignas(64) std::atomic<std::uint64_t> rate_millionths_ = 0;
  std::atomic<std::uint32_t> min_concurrent_ = 0;
  std::atomic<std::int64_t> max_milli_tokens_ = 0;
  std::atomic<std::int64_t> milli_ratio_ = 0;
  std::atomic<BudgetRule> rule_ = BudgetRule::kShare;
};

}  // namespace revenge::resilience
