#include "ext/events.hpp"

#include <algorithm>
#include <utility>

#include "document/json.hpp"
#include "ext/bundle.hpp"
#include "ext/one_way.hpp"

namespace revenge::ext {

// Armed, running, or neither; told only while it is shown.
struct EventsAdapter::Subscription {
  const revenge_host& host;
  const revenge_event_handler handler;
  const observe::EventKinds kinds;
  const std::shared_ptr<base::Executor> lane;
  std::optional<observe::EventSubscription> events = {};  // set before anybody else knows of this

  std::mutex mutex = {};
  base::TimerId armed = base::TimerId::kNone;  // guarded by mutex
  bool shown = false;                          // guarded by mutex; its instance is visible
  bool running = false;                        // guarded by mutex
  bool again = false;                          // guarded by mutex
  bool cancelled = false;                      // guarded by mutex
};

namespace {

constexpr base::Duration kHeldAgain = std::chrono::milliseconds(2);  // a gate is held for some milliseconds
constexpr std::uint32_t kDefaultCapacity = 256;
constexpr std::uint32_t kMaxCapacity = 4096;
constexpr std::size_t kMaxKinds = 32;
constexpr std::size_t kMaxKind = 128;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxAttribute = 4096;

// Hops of what this thread is being told, for a plugin that publishes without the call it was given. 0: nothing is told.
thread_local std::uint32_t hops_here = 0;

bool isWord(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// `least` words with dots between them.
bool isKind(std::string_view kind, std::size_t least) {
  if (kind.size() > kMaxKind) return false;
  std::size_t words = 0;
  for (std::size_t dot = 0; dot != std::string_view::npos; ++words) {
    dot = kind.find('.');
    if (!isWord(kind.substr(0, dot))) return false;
    if (dot != std::string_view::npos) kind.remove_prefix(dot + 1);
  }
  return words >= least;
}

bool isHosts(std::string_view kind) {
  constexpr std::string_view kTopics[] = {"config.", "control.", "flag.",  "flags.",
                                          "host.",   "log.",     "plugin."};
  return std::ranges::any_of(kTopics, [&](std::string_view topic) { return kind.starts_with(topic); });
}

base::Result<> check(const revenge_event& event) {
  using base::Errc;
  const std::string_view kind = text(event.kind);
  if (!isKind(kind, 2)) {
    return base::fail(
        Errc::kInvalid,
        "kind: expected words of a-z, 0-9, _ and - with dots between them, at least two, got '{}'",
        kind.substr(0, kMaxKind));
  }
  if (isHosts(kind))
    return base::fail(Errc::kRefused, "kind '{}': only the host publishes what begins so", kind);
  if (event.text.size > kMaxText) return base::fail(Errc::kInvalid, "text: longer than {} bytes", kMaxText);
  if (event.attribute_count > REVENGE_MAX_EVENT_ATTRIBUTES)
    return base::fail(Errc::kInvalid, "more than {} attributes", REVENGE_MAX_EVENT_ATTRIBUTES);
  for (std::size_t i = 0; i < event.attribute_count; ++i) {
    const revenge_field& attribute = event.attributes[i];
    if (attribute.name.size + attribute.value.size > kMaxAttribute)
      return base::fail(Errc::kInvalid, "attribute '{}': longer than {} bytes",
                        text(attribute.name).substr(0, kMaxKind), kMaxAttribute);
  }
  if (event.payload.size > REVENGE_MAX_EVENT_PAYLOAD)
    return base::fail(Errc::kInvalid, "payload: longer than {} bytes", REVENGE_MAX_EVENT_PAYLOAD);
  if (event.payload.size == 0) return {};
  if (const auto json = document::parseJson(text(event.payload), "payload"); !json)
    return base::fail(Errc::kInvalid, "payload: {}", json.error().message);
  return {};
}

observe::EventCause causeOf(const revenge_call* call) {
  observe::EventCause cause;
  cause.hops = hops_here;
  if (call == nullptr || call->origin == nullptr) return cause;
  const revenge_origin& origin = *call->origin;
  cause.request_id = text(origin.request_id);
  cause.trace_id_high = origin.trace_id_high;
  cause.trace_id_low = origin.trace_id_low;
  cause.span_id = origin.span_id;
  cause.trace_flags = origin.trace_flags;
  if (REVENGE_HAS(&origin, revenge_origin, event_hops)) cause.hops = std::max(cause.hops, origin.event_hops);
  return cause;
}

revenge_origin originOf(const observe::EventCause& cause) {
  revenge_origin origin{};
  origin.size = sizeof origin;
  origin.trace_flags = cause.trace_flags;
  origin.trace_id_high = cause.trace_id_high;
  origin.trace_id_low = cause.trace_id_low;
  origin.span_id = cause.span_id;
  origin.request_id = view(cause.request_id);
  origin.event_hops = cause.hops + 1;
  return origin;
}

void tell(const revenge_host& host, const revenge_event_handler& handler, const observe::Event& told,
          std::uint64_t missed) {
  std::vector<revenge_field> attributes;
  attributes.reserve(told.attributes.size());
  for (const auto& [name, value] : told.attributes) attributes.push_back({view(name), view(value)});
  revenge_event event{};
  event.size = sizeof event;
  event.hops = told.cause.hops;
  event.sequence = told.sequence;
  event.missed = missed;
  event.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(told.time.time_since_epoch()).count();
  event.kind = view(told.kind);
  event.source = view(told.source);
  event.plugin = view(told.plugin);
  event.text = view(told.text);
  event.attributes = attributes.data();
  event.attribute_count = attributes.size();
  event.payload = view(told.payload);
  const revenge_origin origin = originOf(told.cause);
  revenge_call call = hostCall(host.instance);
  call.origin = &origin;
  hops_here = origin.event_hops;
  callOneWay(host, "event handler", [&] { handler.handle(handler.context, &call, &event); });
  hops_here = 0;
}

}  // namespace

void EventsAdapter::contribute(const plugin::Scene& scene) {
  const std::lock_guard lock(mutex_);
  next_ = scene.visible;
}

// Who was visible and is no more passes on what it has not been told, when its successor wants the same.
void EventsAdapter::published() {
  std::vector<Shared> come;
  std::vector<Shared> gone;
  {
    const std::lock_guard lock(mutex_);
    visible_ = next_;
  }
  subscriptions_.forEach([&](revenge_handle, service::InstanceRef, const Shared& each) {
    const std::lock_guard lock(each->mutex);
    const bool visible = isVisible(each->host);
    if (visible != each->shown) (visible ? come : gone).push_back(each);
  });
  for (const Shared& each : gone) {
    const std::lock_guard lock(each->mutex);
    each->shown = false;
  }
  for (const Shared& each : come) {
    each->events->forget();
    const auto before = std::ranges::find_if(
        gone, [&](const Shared& old) { return old->host.id == each->host.id && old->kinds == each->kinds; });
    if (before != gone.end()) {
      each->events->continueFrom(*(*before)->events);
      gone.erase(before);
    }
    {
      const std::lock_guard lock(each->mutex);
      each->shown = true;
    }
    wake(each);
  }
}

// One that an instance makes while it is visible is told at once.
void EventsAdapter::show(const Shared& made) {
  {
    const std::lock_guard lock(made->mutex);
    made->shown = isVisible(made->host);
  }
  wake(made);
}

bool EventsAdapter::isVisible(const revenge_host& host) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(visible_, &host) != visible_.end();
}

void EventsAdapter::wake(const Shared& subscription) {
  const std::lock_guard lock(subscription->mutex);
  if (subscription->running) {
    subscription->again = true;
  } else if (subscription->armed == base::TimerId::kNone) {
    arm(subscription, base::Duration::zero());
  }
}

// REQUIRES subscription->mutex
void EventsAdapter::arm(const Shared& subscription, base::Duration after) {
  if (subscription->cancelled || !subscription->shown) return;
  subscription->armed =
      scheduler_.after(after, [this, subscription] { fire(subscription); }, subscription->lane);
}

void EventsAdapter::fire(const Shared& subscription) {
  {
    const std::lock_guard lock(subscription->mutex);
    subscription->armed = base::TimerId::kNone;
    if (subscription->cancelled) return;
    subscription->running = true;
  }
  bool held = false;
  bool more = true;
  if (const auto inside = domain_.instances().enter(subscription->host.instance)) {
    for (std::size_t told = 0; more && told < kInOneRun; ++told) {
      // Looked at behind the entry: whoever closes the gate waits for the calls it still finds.
      held = subscription->host.held.load(std::memory_order_seq_cst);
      if (held) break;
      more = tellNext(*subscription);
    }
  }
  const std::lock_guard lock(subscription->mutex);
  subscription->running = false;
  const bool again = std::exchange(subscription->again, false);
  if (held) {
    arm(subscription, kHeldAgain);
  } else if (more || again) {
    arm(subscription, base::Duration::zero());
  }
}

// False: there is none. An event is read here or by the successor, never by both.
bool EventsAdapter::tellNext(Subscription& subscription) {
  {
    const std::lock_guard lock(subscription.mutex);
    if (subscription.cancelled || !subscription.shown) return false;
  }
  const observe::EventBatch next = subscription.events->read(1);
  if (next.events.empty()) return false;
  tell(subscription.host, subscription.handler, next.events.front(), next.missed);
  return true;
}

std::size_t EventsAdapter::quiesce(const revenge_host& host) {
  const auto left = subscriptions_.withdraw(host.instance);
  for (const auto& item : left) {
    const std::lock_guard lock(item.value->mutex);
    item.value->cancelled = true;
    scheduler_.cancel(item.value->armed);
  }
  return left.size();
}

struct EventsTable {
  static revenge_status publish(const revenge_host* host, const revenge_call* call,
                                const revenge_event* event, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (event == nullptr || event->size < sizeof(revenge_event))
      return say(error, REVENGE_INVALID, "event is NULL or too small");
    if (const auto good = check(*event); !good) return fail(error, good.error());
    observe::Event made;
    made.cause = causeOf(call);
    if (made.cause.hops > REVENGE_MAX_EVENT_HOPS) {
      return say(
          error, REVENGE_REFUSED,
          fmt::format("'{}': {} events led to this one, each published while the one before was handled; "
                      "at most {} may",
                      text(event->kind), made.cause.hops, REVENGE_MAX_EVENT_HOPS));
    }
    made.kind = text(event->kind);
    made.plugin = event->plugin.size > 0 ? text(event->plugin).substr(0, kMaxKind) : host->id;
    made.text = text(event->text);
    made.source = host->id;
    made.payload = text(event->payload);
    for (std::size_t i = 0; i < event->attribute_count; ++i) {
      const std::string_view name = text(event->attributes[i].name);
      std::erase_if(made.attributes, [&](const auto& given) { return given.first == name; });
      made.attributes.emplace_back(name, text(event->attributes[i].value));
    }
    ties->bundle.rooms.events.publish(std::move(made));
    return REVENGE_OK;
  }

  static revenge_status subscribe(const revenge_host* host, const revenge_view* kinds, std::size_t kind_count,
                                  std::uint32_t capacity, const revenge_event_handler* handler,
                                  revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (handler == nullptr || handler->handle == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "handler, its function or subscription is NULL");
    if (kind_count > kMaxKinds || capacity > kMaxCapacity)
      return say(error, REVENGE_INVALID,
                 fmt::format("more than {} kinds, or a queue of more than {}", kMaxKinds, kMaxCapacity));
    observe::EventKinds wanted;
    for (std::size_t i = 0; i < kind_count; ++i) {
      const std::string_view kind = text(kinds[i]);
      if (!isKind(kind.ends_with('.') ? kind.substr(0, kind.size() - 1) : kind, 1))
        return say(error, REVENGE_INVALID,
                   fmt::format("kind '{}': expected one kind, or the beginning of some up to a dot",
                               kind.substr(0, kMaxKind)));
      wanted.emplace_back(kind);
    }
    EventsAdapter& adapter = ties->bundle.events;
    auto made = std::make_shared<EventsAdapter::Subscription>(*host, *handler, wanted,
                                                              adapter.lanes_.executor(host->lane));
    made->events = adapter.events_.collect(std::move(wanted), capacity > 0 ? capacity : kDefaultCapacity,
                                           [&adapter, weak = std::weak_ptr(made)] {
                                             if (const auto self = weak.lock()) adapter.wake(self);
                                           });
    *handle = adapter.subscriptions_.add(host->instance, made, EventsAdapter::kMaxSubscriptions);
    if (*handle == 0)
      return say(error, REVENGE_LIMIT,
                 fmt::format("more than {} subscriptions of one plugin", EventsAdapter::kMaxSubscriptions));
    adapter.show(made);
    return REVENGE_OK;
  }

  static revenge_status unsubscribe(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    EventsAdapter& adapter = ties->bundle.events;
    const auto item = adapter.subscriptions_.take(handle, host->instance);
    if (!item) return REVENGE_GONE;
    const std::lock_guard lock(item->value->mutex);
    item->value->cancelled = true;
    adapter.scheduler_.cancel(item->value->armed);
    return item->value->running ? REVENGE_BUSY : REVENGE_OK;
  }
};

const revenge_events& EventsAdapter::table() {
  static constexpr revenge_events kTable{sizeof(revenge_events), 0, EventsTable::publish,
                                         EventsTable::subscribe, EventsTable::unsubscribe};
  return kTable;
}

}  // namespace revenge::ext
