// What a run gives back: the body's value, or why there is none. Thread safety: a value.
#pragma once

#include <exception>
#include <expected>
#include <optional>
#include <type_traits>
#include <utility>

#include "pipeline/ending.hpp"

namespace revenge::resilience {

// The error type of a body that has none but exceptions.
struct NoError {};

template <class E>
struct Failure {
  Ending ending;                 // whether a policy or the body; attempts, elapsed
  std::optional<E> error;        // the body's last error, also where its retries were exhausted
  std::exception_ptr exception;  // the last one that left the body; never rethrown by a run

  bool is(RejectionKind kind) const { return ending.isRejected(kind); }
  void rethrowIfException() const {
    if (exception) std::rethrow_exception(exception);
  }
};

template <class T, class E = NoError>
using Outcome = std::expected<T, Failure<E>>;

// Of what a body returns: R, or std::expected<T, E>.
template <class R>
struct BodyResult {
  using Value = R;
  using Error = NoError;
};
template <class T, class E>
struct BodyResult<std::expected<T, E>> {
  using Value = T;
  using Error = E;
};

// The last thing a body said.
template <class T, class E>
struct LastWord {
  std::optional<std::expected<T, E>> result;
  std::exception_ptr exception;

  // Calls it; what it returns or throws is kept.
  template <class Fn, class... Arguments>
  Verdict take(Fn& fn, Arguments&&... arguments) noexcept {
    exception = nullptr;
    result.reset();
    try {
      using R = std::invoke_result_t<Fn&, Arguments...>;
      if constexpr (std::is_void_v<R>) {
        fn(std::forward<Arguments>(arguments)...);
        result.emplace();
      } else {
        result.emplace(fn(std::forward<Arguments>(arguments)...));
      }
      return result->has_value() ? Verdict::kSuccess : Verdict::kFailure;
    } catch (...) {
      exception = std::current_exception();
      return Verdict::kFailure;
    }
  }

  Outcome<T, E> outcome(const Ending& ending) && {
    if (ending.isSuccess() && result && result->has_value()) {
      if constexpr (std::is_void_v<T>)
        return {};
      else
        return Outcome<T, E>(std::in_place, std::move(**result));
    }
    return std::unexpected(takeFailure(ending));
  }
  // Requires: it has not ended well. What the body has said goes along.
  Failure<E> takeFailure(const Ending& ending) {
    Failure<E> failure{ending, std::nullopt, std::move(exception)};
    if (result && !result->has_value()) failure.error.emplace(std::move(result->error()));
    return failure;
  }
};

}  // namespace revenge::resilience
