// Status and Result: what fallible functions of the glue return, and the exception that setup throws.
//
// Values without identity; safe to copy between threads. Functions that run while serving return Result;
// constructors and registrations (routes, timers, series) throw Failure, which the boundary turns into a
// status and a message, so that a plugin's constructor reads without a single check.
#pragma once

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <revenge/abi/base.h>

namespace revenge {

// The failures of the boundary, by the same numbers; see abi/base.h for what the caller may do about each.
enum class Errc : revenge_status {
  kFailed = REVENGE_FAILED,
  kInvalid = REVENGE_INVALID,
  kNotFound = REVENGE_NOT_FOUND,
  kExists = REVENGE_EXISTS,
  kRefused = REVENGE_REFUSED,
  kUnavailable = REVENGE_UNAVAILABLE,
  kGone = REVENGE_GONE,
  kBusy = REVENGE_BUSY,
  kTimedOut = REVENGE_TIMED_OUT,
  kCancelled = REVENGE_CANCELLED,
  kLimit = REVENGE_LIMIT,
  kWrongThread = REVENGE_WRONG_THREAD,
  kIo = REVENGE_IO,
};

// A bare text is a refusal: domain code that answers std::expected<T, std::string> converts by itself.
struct Error {
  Error(Errc why, std::string text) : code(why), message(std::move(text)) {}
  Error(std::string text) : message(std::move(text)) {}
  Error(const char* text) : message(text) {}

  Errc code = Errc::kRefused;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected<Error>(Error(code, std::move(message)));
}

class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  Failure(Errc code, std::string message) : error_(code, std::move(message)) {}

  const char* what() const noexcept override { return error_.message.c_str(); }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

// The value, or its error thrown as Failure: for setup code that calls a function of the serving kind.
template <class T>
T orThrow(Result<T> result) {
  if (!result) throw Failure(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace revenge
