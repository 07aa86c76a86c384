// What every adapter of the boundary does first and last: find the instance behind a revenge_host, answer "gone" when it
// has left, turn views into strings and errors into a status and a message. Thread safety: stateless.
#pragma once

#include <string>
#include <string_view>

#include <revenge/abi/base.h>

#include "base/result.hpp"
#include "observe/log.hpp"
#include "plugin/host_record.hpp"
#include "service/call_chain.hpp"

namespace revenge::ext {

class Bundle;

// What the adapters keep for one instance, behind revenge_host::context. Never freed: late calls read it.
struct Ties {
  Bundle& bundle;
  const revenge_host& host;
  observe::Logger logger;
};

// The instance, or null when it is gone (or the plugin passed null).
inline const Ties* alive(const revenge_host* host) {
  return host == nullptr || host->gone() ? nullptr : static_cast<const Ties*>(host->context);
}
// The same for functions that register something: null also while the instance stops.
inline const Ties* registering(const revenge_host* host) {
  return host == nullptr || !host->mayRegister() ? nullptr : static_cast<const Ties*>(host->context);
}

inline std::string_view text(revenge_view view) { return {view.data, view.size}; }
inline std::string string(revenge_view view) { return {view.data, view.size}; }
inline revenge_view view(std::string_view text) { return {text.data(), text.size()}; }

// Whether this thread may wait for something: no I/O thread, no lifecycle call.
bool mayWait();

// A call that the host makes into `instance` for nobody in particular.
inline revenge_call hostCall(service::InstanceRef instance, std::int64_t deadline_ns = 0) {
  revenge_call call{};
  call.size = sizeof call;
  call.deadline_ns = deadline_ns;
  service::markInside(call, instance.index);
  return call;
}

// Writes the message, when the caller provided a place for it, and answers `status`.
revenge_status say(revenge_error* error, revenge_status status, std::string_view message);
revenge_status gone(revenge_error* error);
revenge_status fail(revenge_error* error, const base::Error& cause);

// A whole text as a buffer whose release frees it.
revenge_buffer ownedBuffer(std::string text);

}  // namespace revenge::ext
