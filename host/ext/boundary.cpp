#include "ext/boundary.hpp"

#include <memory>
#include <utility>

#include "plugin/lifecycle_thread.hpp"
#include "plugin/trampoline.hpp"
#include "runtime/reactor.hpp"

namespace revenge::ext {

bool mayWait() { return !runtime::Reactor::isIoThread() && !plugin::inLifecycleCall(); }

namespace {

revenge_status statusOf(base::Errc code) {
  switch (code) {
    case base::Errc::kInvalid:
      return REVENGE_INVALID;
    case base::Errc::kNotFound:
      return REVENGE_NOT_FOUND;
    case base::Errc::kExists:
      return REVENGE_EXISTS;
    case base::Errc::kRefused:
    case base::Errc::kDenied:
      return REVENGE_REFUSED;
    case base::Errc::kUnavailable:
      return REVENGE_UNAVAILABLE;
    case base::Errc::kTimedOut:
      return REVENGE_TIMED_OUT;
    case base::Errc::kCancelled:
      return REVENGE_CANCELLED;
    case base::Errc::kGone:
      return REVENGE_GONE;
    case base::Errc::kStale:
    case base::Errc::kBusy:
      return REVENGE_BUSY;
    case base::Errc::kLimit:
      return REVENGE_LIMIT;
    case base::Errc::kIo:
      return REVENGE_IO;
    case base::Errc::kFailed:
      return REVENGE_FAILED;
  }
  return REVENGE_FAILED;
}

}  // namespace

revenge_status say(revenge_error* error, revenge_status status, std::string_view message) {
  if (error != nullptr && error->size >= sizeof(revenge_error)) plugin::write(*error, message);
  return status;
}

revenge_status gone(revenge_error* error) {
  return say(error, REVENGE_GONE, "this instance has been stopped");
}

revenge_status fail(revenge_error* error, const base::Error& cause) {
  return say(error, statusOf(cause.code), cause.message);
}

base::Errc errcOf(revenge_status status) {
  switch (status) {
    case REVENGE_INVALID:
      return base::Errc::kInvalid;
    case REVENGE_NOT_FOUND:
      return base::Errc::kNotFound;
    case REVENGE_EXISTS:
      return base::Errc::kExists;
    case REVENGE_REFUSED:
      return base::Errc::kRefused;
    case REVENGE_UNAVAILABLE:
      return base::Errc::kUnavailable;
    case REVENGE_GONE:
      return base::Errc::kGone;
    case REVENGE_BUSY:
      return base::Errc::kBusy;
    case REVENGE_TIMED_OUT:
      return base::Errc::kTimedOut;
    case REVENGE_CANCELLED:
      return base::Errc::kCancelled;
    case REVENGE_LIMIT:
      return base::Errc::kLimit;
    case REVENGE_IO:
      return base::Errc::kIo;
    default:
      return base::Errc::kFailed;
  }
}

revenge_buffer ownedBuffer(std::string text) {
  auto owned = std::make_unique<std::string>(std::move(text));
  const std::string& content = *owned;
  return {content.data(), content.size(), [](void* owner) { delete static_cast<std::string*>(owner); },
          owned.release()};
}

}  // namespace revenge::ext
