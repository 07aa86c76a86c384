// The two sides of the C boundary, made once: views and errors out, exceptions into statuses.
//
// Used by the other headers; a plugin seldom needs it. Every C function that the glue hands to the host runs
// its body through `guarded`, and nothing else in the glue catches. Stateless, safe from any thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

#include <revenge/result.hpp>

namespace revenge::boundary {

// A zeroed struct of the boundary that declares its own size.
template <class T>
T sized() {
  T object{};
  object.size = sizeof(T);
  return object;
}

// As much of a struct as its maker and this SDK both know; the rest is zero.
template <class T>
T known(const T& given) {
  T copy{};
  const auto size = std::min<std::uint32_t>(sizeof(T), given.size);
  std::memcpy(&copy, &given, size);
  copy.size = size;
  return copy;
}

inline revenge_view view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view text(revenge_view view) {
  return view.data == nullptr ? std::string_view() : std::string_view(view.data, view.size);
}

// Where a callee writes its reason. Only the header is initialised: the text is 480 bytes.
struct ErrorText : revenge_error {
  ErrorText() {
    size = sizeof(revenge_error);
    length = 0;
  }
};
static_assert(sizeof(ErrorText) == sizeof(revenge_error));

inline std::string_view text(const revenge_error& error) { return {error.message, error.length}; }

// Writes as much of `message` as fits, never half a character. `error` may be null.
inline void write(revenge_error* error, std::string_view message) noexcept {
  if (error == nullptr || error->size < sizeof(revenge_error)) return;
  std::size_t length = message.size();
  if (length > REVENGE_ERROR_TEXT) {
    length = REVENGE_ERROR_TEXT;
    while (length > 0 && (static_cast<unsigned char>(message[length]) & 0xC0U) == 0x80U) --length;
  }
  if (length > 0) std::memcpy(error->message, message.data(), length);
  error->length = static_cast<std::uint32_t>(length);
}

inline Error failure(revenge_status status, const revenge_error* error) {
  const auto code = status >= REVENGE_IO && status < 0 ? static_cast<Errc>(status) : Errc::kFailed;
  std::string message(error == nullptr ? std::string_view() : text(*error));
  if (message.empty()) message = "status " + std::to_string(status) + " without a reason";
  return {code, std::move(message)};
}

inline Status status(revenge_status status, const revenge_error* error) {
  if (status >= 0) return {};
  return std::unexpected(failure(status, error));
}

// For setup: throws what the host refused, naming what was being set up.
inline void require(revenge_status status, const revenge_error& error, std::string_view what) {
  if (status >= 0) return;
  Error reason = failure(status, &error);
  reason.message.insert(0, std::string(what) + ": ");
  throw Failure(std::move(reason));
}

template <class T>
revenge_status report(const Result<T>& result, revenge_error* error) noexcept {
  if (result) return REVENGE_OK;
  write(error, result.error().message);
  return static_cast<revenge_status>(result.error().code);
}

// The exception being handled, as a status. Allocates nothing: it may be bad_alloc.
inline revenge_status reportException(revenge_error* error) noexcept {
  try {
    throw;
  } catch (const Failure& failure) {
    write(error, failure.what());
    return static_cast<revenge_status>(failure.error().code);
  } catch (const std::bad_alloc&) {
    write(error, "out of memory");
    return REVENGE_LIMIT;
  } catch (const std::exception& exception) {
    write(error, exception.what());
    return REVENGE_FAILED;
  } catch (...) {
    write(error, "an exception that is no std::exception");
    return REVENGE_FAILED;
  }
}

// Runs `function`, which returns void, Status or revenge_status, and lets nothing out.
template <class Function>
revenge_status guarded(revenge_error* error, Function&& function) noexcept {
  try {
    using Answer = std::invoke_result_t<Function&>;
    if constexpr (std::is_void_v<Answer>) {
      function();
      return REVENGE_OK;
    } else if constexpr (std::is_same_v<Answer, revenge_status>) {
      return function();
    } else {
      return report(function(), error);
    }
  } catch (...) {
    return reportException(error);
  }
}

// Bytes the caller now owns, copied and released.
inline std::string take(const revenge_buffer& buffer) {
  std::string bytes(text(revenge_view{buffer.data, buffer.size}));
  if (buffer.release != nullptr) buffer.release(buffer.owner);
  return bytes;
}

// A string whose bytes the receiver owns from here on.
inline revenge_buffer give(std::string bytes) {
  auto* owner = new std::string(std::move(bytes));
  return {owner->data(), owner->size(), [](void* held) { delete static_cast<std::string*>(held); }, owner};
}

}  // namespace revenge::boundary
