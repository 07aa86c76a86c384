// Events of a fake host: kept for the test to look at, told to subscriptions when the test lets the host work. One at a
// time, in order, each subscription from a bounded queue of its own, as in the real host. Safe from any thread.
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <revenge/abi/events.h>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

struct FakeEvent {
  std::string kind;
  std::string text = {};
  std::map<std::string, std::string> attributes = {};
  std::string payload = {};
  std::string source = {};  // id of the plugin; empty: the host
  std::uint32_t hops = 0;
  std::uint64_t sequence = 0;  // given by the host
};

class FakeEvents {
 public:
  std::vector<FakeEvent> published() const {
    const std::lock_guard lock(mutex_);
    return published_;
  }

  void publish(FakeEvent event) {
    const std::lock_guard lock(mutex_);
    event.sequence = published_.size() + 1;
    for (Subscription& each : subscriptions_) {
      if (!wants(each, event.kind)) continue;
      if (each.queue.size() == each.capacity) {
        each.queue.pop_front();
        ++each.missed;
      }
      each.queue.push_back(event);
    }
    published_.push_back(std::move(event));
  }
  Status publish(const std::string& source, const revenge_call* call, const revenge_event& raw) {
    FakeEvent event{std::string(boundary::text(raw.kind)), std::string(boundary::text(raw.text))};
    if (!event.kind.contains('.')) return fail(Errc::kInvalid, "'" + event.kind + "' is no kind of event");
    for (const char* topic : {"config.", "control.", "flag.", "host.", "log.", "plugin."})
      if (event.kind.starts_with(topic)) return fail(Errc::kRefused, "'" + event.kind + "' is the host's");
    event.hops = call == nullptr || call->origin == nullptr ? 0 : call->origin->event_hops;
    event.hops = std::max(event.hops, handling_);
    if (event.hops > REVENGE_MAX_EVENT_HOPS) return fail(Errc::kRefused, "too many hops");
    for (const revenge_field& field : std::span(raw.attributes, raw.attribute_count))
      event.attributes.emplace(boundary::text(field.name), boundary::text(field.value));
    event.payload = boundary::text(raw.payload);
    event.source = source;
    publish(std::move(event));
    return {};
  }

  revenge_handle subscribe(const Seat& seat, std::span<const revenge_view> kinds, std::size_t capacity,
                           const revenge_event_handler& handler) {
    const std::lock_guard lock(mutex_);
    Subscription& made = subscriptions_.emplace_back();
    made.handle = ++last_;
    made.seat = &seat;
    made.handler = handler;
    made.capacity = capacity;
    for (const revenge_view kind : kinds) made.kinds.emplace_back(boundary::text(kind));
    return made.handle;
  }
  revenge_status unsubscribe(const Seat& seat, revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    const bool known = subscriptions_.remove_if([&](const auto& each) {
      return each.handle == handle && each.seat == &seat;
    }) != 0;
    if (!known) return REVENGE_GONE;
    return handle == running_ ? REVENGE_BUSY : REVENGE_OK;
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    subscriptions_.remove_if([&](const auto& each) { return each.seat == &seat; });
  }

  // Tells one subscription of its next event; false when none has any.
  bool tellNext() {
    FakeEvent event;
    revenge_event_handler handler{};
    std::uint64_t missed = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto next =
          std::ranges::find_if(subscriptions_, [](const auto& each) { return !each.queue.empty(); });
      if (next == subscriptions_.end()) return false;
      event = std::move(next->queue.front());
      next->queue.pop_front();
      handler = next->handler;
      missed = std::exchange(next->missed, 0);
      running_ = next->handle;
      handling_ = event.hops + 1;
    }
    tell(handler, event, missed);
    const std::lock_guard lock(mutex_);
    running_ = 0;
    handling_ = 0;
    return true;
  }

 private:
  struct Subscription {
    revenge_handle handle = 0;
    const Seat* seat = nullptr;
    revenge_event_handler handler{};
    std::vector<std::string> kinds;
    std::size_t capacity = 0;
    std::deque<FakeEvent> queue;
    std::uint64_t missed = 0;
  };

  static bool wants(const Subscription& subscription, std::string_view kind) {
    return subscription.kinds.empty() ||
           std::ranges::any_of(subscription.kinds, [&](const std::string& wanted) {
             return wanted.ends_with('.') ? kind.starts_with(wanted) : kind == wanted;
           });
  }

  static void tell(const revenge_event_handler& handler, const FakeEvent& event, std::uint64_t missed) {
    std::vector<revenge_field> attributes;
    attributes.reserve(event.attributes.size());
    for (const auto& [name, value] : event.attributes)
      attributes.push_back({boundary::view(name), boundary::view(value)});
    auto raw = boundary::sized<revenge_event>();
    raw.hops = event.hops;
    raw.sequence = event.sequence;
    raw.missed = missed;
    raw.kind = boundary::view(event.kind);
    raw.source = boundary::view(event.source);
    raw.plugin = raw.source;
    raw.text = boundary::view(event.text);
    raw.attributes = attributes.data();
    raw.attribute_count = attributes.size();
    raw.payload = boundary::view(event.payload);
    auto origin = boundary::sized<revenge_origin>();
    origin.event_hops = event.hops + 1;
    auto call = boundary::sized<revenge_call>();
    call.origin = &origin;
    handler.handle(handler.context, &call, &raw);
  }

  mutable std::mutex mutex_;
  std::vector<FakeEvent> published_;
  std::list<Subscription> subscriptions_;
  revenge_handle last_ = kBeforeHandles;
  revenge_handle running_ = 0;
  std::uint32_t handling_ = 0;  // hops of what is published now; the fake host is driven by one thread
};

}  // namespace revenge::testing
