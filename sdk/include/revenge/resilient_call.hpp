// What a call under a pipeline is asked for with, what its attempts may say, and what is told of it: see resilience.hpp. Thread
// safety: values; each for one thread at a time.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <revenge/abi/resilience.h>
#include <revenge/call.hpp>
#include <revenge/task.hpp>

namespace revenge {

// How an attempt's error is judged: REVENGE_RESILIENCE_FAILURE, or REVENGE_RESILIENCE_IGNORED where it says nothing of the other
// side, which is also not called again then.
using ResilienceJudge = std::uint32_t (*)(const Error&);
inline std::uint32_t judgeError(const Error& error) {
  switch (error.code) {
    case Errc::kInvalid:
    case Errc::kNotFound:
    case Errc::kExists:
    case Errc::kRefused:
    case Errc::kCancelled:
      return REVENGE_RESILIENCE_IGNORED;
    default:
      return REVENGE_RESILIENCE_FAILURE;
  }
}

// How a call went, beside its result.
struct ResilienceReport {
  std::uint32_t attempts = 0;
  std::uint32_t refused_by =
      REVENGE_RESILIENCE_NO_POLICY;  // the policy that refused last, or the fallback stood in for
  std::chrono::nanoseconds retry_after{
      0};  // until it is worth asking again, by a policy or else by the last attempt; 0: not known
  std::uint64_t limit = 0;  // of the innermost rate; 0: there is none
  std::uint64_t remaining = 0;
  std::chrono::nanoseconds reset{0};
  bool is_fallback = false;  // the result is the fallback's
  bool is_plain = false;     // made without policies
};

struct ResilientCall {
  std::string_view pipeline;
  std::string_view key = {};  // of limits by key
  std::uint32_t priority = REVENGE_BROWSING;
  std::uint32_t permits = 1;           // of rates
  bool repeatable = false;             // doing it twice does no harm
  ResilienceJudge judge = judgeError;  // of errors
  ResilienceReport* report = nullptr;  // filled by the end; lives until then
};

// What an attempt knows beside its result.
class ResilientAttempt {
 public:
  explicit ResilientAttempt(std::uint32_t number) : number_(number) {}
  std::uint32_t number() const { return number_; }  // 1: the first
  // The other side asked for it, as in Retry-After.
  void retryAfter(std::chrono::nanoseconds time) { retry_after_ = time; }
  // No further attempt mends its error.
  void setFinal() { is_final_ = true; }

 private:
  friend class Resilience;
  std::uint32_t number_;
  std::chrono::nanoseconds retry_after_{0};
  bool is_final_ = false;
};

namespace detail {

struct NoFallback {};

template <class T>
struct ResultOf {
  using Value = T;
};
template <class T>
struct ResultOf<Task<T>> {
  using Value = T;
};

template <class Attempt>
auto callAttempt(Attempt& attempt, const Call& call, ResilientAttempt& note) {
  if constexpr (std::is_invocable_v<Attempt&, const Call&, ResilientAttempt&>)
    return attempt(call, note);
  else
    return attempt(call);
}
template <class Attempt>
using Attempted = decltype(callAttempt(std::declval<Attempt&>(), std::declval<const Call&>(),
                                       std::declval<ResilientAttempt&>()));

}  // namespace detail

// The end of an attempt that answers later, from any thread that is inside the plugin: once. One that is dropped has failed.
template <class T>
class ResilientAnswer {
 public:
  struct State {
    std::optional<Result<T>> value;
    std::coroutine_handle<> waiting;  // nobody any more: the instance has ended
  };
  explicit ResilientAnswer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ResilientAnswer(ResilientAnswer&&) noexcept = default;
  ResilientAnswer& operator=(ResilientAnswer&&) = delete;
  ~ResilientAnswer() {
    if (state_ != nullptr) (*this)(fail(Errc::kFailed, "the attempt was dropped without an answer"));
  }
  void operator()(Result<T> value) {
    const std::shared_ptr<State> state = std::move(state_);
    state->value.emplace(std::move(value));
    if (state->waiting) std::exchange(state->waiting, nullptr).resume();
  }

 private:
  std::shared_ptr<State> state_;  // shared: with the frame that waits
};

}  // namespace revenge
