// What every adapter of the boundary does first and last: find the instance behind a revenge_host, answer "gone" when it
// has left, turn views into strings and errors into a status and a message. Thread safety: stateless.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
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
  // For tellThrown(): until when nothing is told, and how often something was thrown since it last was.
  mutable std::atomic<std::int64_t> quiet_until_ns{0};
  mutable std::atomic<std::uint64_t> thrown{0};
};

// The instance, or null when it is gone (or the plugin passed null).
inline const Ties* alive(const revenge_host* host) {
  return host == nullptr || host->gone() ? nullptr : static_cast<const Ties*>(host->context);
}
// The same for functions that register something: null also while the instance stops.
inline const Ties* registering(const revenge_host* host) {
  return host == nullptr || !host->mayRegister() ? nullptr : static_cast<const Ties*>(host->context);
}

// A view of nothing, or of more than a process can hold, is empty: whatever needs a text then says that it is missing.
inline std::string_view text(revenge_view view) {
  constexpr std::size_t kMost = PTRDIFF_MAX;
  return view.data == nullptr || view.size > kMost ? std::string_view()
                                                   : std::string_view(view.data, view.size);
}
inline std::string string(revenge_view view) { return std::string(text(view)); }
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

// What a failure of a plugin is to the host.
base::Errc errcOf(revenge_status status);

// A whole text as a buffer whose release frees it.
revenge_buffer ownedBuffer(std::string text);

}  // namespace revenge::ext
