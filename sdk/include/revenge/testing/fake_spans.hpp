// Spans of a plugin in the fake host: all are recorded, and kept when they have ended. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <revenge/abi/trace.h>
#include <revenge/boundary.hpp>

namespace revenge::testing {

struct EndedSpan {
  struct Event {
    std::string name;
    std::map<std::string, std::string> attributes;
  };

  std::string name;
  std::map<std::string, std::string> attributes;  // numbers as text, "true" or "false"
  std::vector<Event> events;
  std::uint32_t kind = REVENGE_SPAN_INTERNAL;
  std::uint32_t status = REVENGE_SPAN_UNSET;
  std::string message;  // of a failed one
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // 0: none
};

class FakeSpans {
 public:
  std::vector<EndedSpan> ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  void begin(const revenge_call* call, revenge_span& span) {
    const std::lock_guard lock(mutex_);
    auto open = std::make_unique<Open>();
    if (call != nullptr) open->call = *call;
    if (call != nullptr && call->origin != nullptr) {
      open->origin = *call->origin;
      open->parent = call->origin->span_id;
    } else {
      open->origin = boundary::sized<revenge_origin>();
      open->origin.trace_id_low = next_;
      open->origin.trace_flags = 1;
    }
    open->origin.span_id = next_;
    open->call.size = sizeof(revenge_call);
    open->call.origin = &open->origin;
    span.recorded = true;
    span.handle = next_;
    span.call = &open->call;
    open_.emplace(next_++, std::move(open));
  }

  void end(revenge_handle handle, const revenge_span_end& what) {
    const std::lock_guard lock(mutex_);
    const auto at = open_.find(handle);
    if (at == open_.end()) return;
    EndedSpan& span = ended_.emplace_back();
    span.name = boundary::text(what.name);
    span.attributes = shown({what.attributes, what.attribute_count});
    for (const revenge_span_event& event : std::span(what.events, what.event_count)) {
      span.events.push_back(
          {std::string(boundary::text(event.name)), shown({event.attributes, event.attribute_count})});
    }
    span.kind = what.kind;
    span.status = what.status;
    span.message = boundary::text(what.message);
    span.id = handle;
    span.parent = at->second->parent;
    open_.erase(at);
  }

 private:
  struct Open {
    revenge_origin origin{};
    revenge_call call{};
    std::uint64_t parent = 0;
  };

  static std::map<std::string, std::string> shown(std::span<const revenge_attribute> attributes) {
    std::map<std::string, std::string> all;
    for (const revenge_attribute& attribute : attributes) {
      std::string& value = all[std::string(boundary::text(attribute.name))];
      switch (attribute.type) {
        case REVENGE_ATTRIBUTE_BOOLEAN:
          value = attribute.integer != 0 ? "true" : "false";
          break;
        case REVENGE_ATTRIBUTE_NUMBER:
          value = std::to_string(attribute.number);
          break;
        case REVENGE_ATTRIBUTE_TEXT:
          value = boundary::text(attribute.text);
          break;
        default:
          value = std::to_string(attribute.integer);
      }
    }
    return all;
  }

  mutable std::mutex mutex_;
  std::map<revenge_handle, std::unique_ptr<Open>> open_;  // guarded by mutex_, as what follows
  std::vector<EndedSpan> ended_;
  revenge_handle next_ = 1;
};

}  // namespace revenge::testing
