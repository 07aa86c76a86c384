// Errors as values. Thread safety: plain values. Everything that can be expected to fail returns Result<T>; exceptions
// are for bugs and for faults before the host serves.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace revenge::base {

enum class Errc {
  kInvalid,      // the input is wrong; the message names the thing, the value and what was expected
  kNotFound,     // the named thing does not exist; trying again does not help
  kExists,       // the name is taken
  kRefused,      // a rule of the host says no; the message names the rule
  kDenied,       // who asks may not
  kUnavailable,  // not now; trying later may help
  kTimedOut,     // a deadline passed
  kCancelled,    // the caller or a shutdown asked to stop
  kGone,         // the owner has left
  kBusy,         // another operation holds the thing
  kStale,        // decided on a state that is no longer so
  kLimit,        // a quota or size limit was reached
  kIo,           // the operating system refused; the message carries errno's text
  kFailed,       // code of a plugin failed
};

// One cause, told to a person: what, which value, what was expected, and a remedy where one is known.
struct Error {
  Errc code = Errc::kFailed;
  std::string message;
};

template <typename T = void>
using Result = std::expected<T, Error>;

template <typename... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// The text of an errno value; unlike strerror safe on every thread.
std::string errnoText(int error);

}  // namespace revenge::base
