// Events: what happens elsewhere, and what happens here, for whoever wants to know.
//
//   host.events().on({"flag.", "catalogue.added"}, [this](const revenge::ReceivedEvent& event) { look(event.kind()); });
//   host.events().publish(request.call(), {.kind = "catalogue.added", .text = "Ran (1985)", .attributes = {{"film", id}}});
//
// Publishing returns before anybody is told. Events of one subscription come one at a time and in order, on a worker; one
// whose registration is ignored lasts as long as the instance, kept in an EventSubscription it ends with that object. Safe
// from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <revenge/call.hpp>
#include <revenge/gate.hpp>
#include <revenge/held.hpp>

namespace revenge {

// What is published. Views are borrowed until publish returns.
struct NewEvent {
  std::string_view kind;       // "catalogue.added": words with dots between them
  std::string_view text = {};  // for people, one line
  std::vector<std::pair<std::string_view, std::string_view>> attributes = {};
  std::string_view payload = {};  // JSON
};

// One that came: valid until the function it was given to returns.
class ReceivedEvent {
 public:
  explicit ReceivedEvent(const revenge_event& raw) : raw_(&raw) {}

  std::string_view kind() const { return boundary::text(raw_->kind); }
  std::string_view source() const { return boundary::text(raw_->source); }  // empty: the host
  std::string_view plugin() const { return boundary::text(raw_->plugin); }  // the one it is about
  std::string_view text() const { return boundary::text(raw_->text); }
  std::string_view payload() const { return boundary::text(raw_->payload); }
  std::string_view attribute(std::string_view name) const {  // empty: it has none of that name
    for (const revenge_field& field : std::span(raw_->attributes, raw_->attribute_count))
      if (boundary::text(field.name) == name) return boundary::text(field.value);
    return {};
  }
  std::uint64_t sequence() const { return raw_->sequence; }
  // That came between the one before and this one, and were too many for the queue.
  std::uint64_t missed() const { return raw_->missed; }
  // How many events led to this one, each published while the one before was handled.
  std::uint32_t hops() const { return raw_->hops; }
  std::chrono::sys_time<std::chrono::nanoseconds> time() const {
    return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(raw_->wall_ns));
  }
  const revenge_event& raw() const { return *raw_; }

 private:
  const revenge_event* raw_;
};

namespace detail {

// The host has the holder's address: it stays until the subscription has ended, or, when that came in the middle of a
// run, as long as the instance.
class SubscriptionState {
 public:
  using Told = std::function<void(const ReceivedEvent&, const Call&)>;

  SubscriptionState(Host& host, Told told) : host_(&host), told_(std::move(told)) {}

  void start(std::initializer_list<std::string_view> kinds, std::uint32_t capacity,
             std::shared_ptr<SubscriptionState> self) {
    holder_ = &host_->kept().adopt(std::make_unique<Holder>(std::move(self)));
    std::vector<revenge_view> raw;
    for (const std::string_view kind : kinds) raw.push_back(boundary::view(kind));
    auto handler = boundary::sized<revenge_event_handler>();
    handler.context = holder_;
    handler.handle = [](void* context, const revenge_call* call, const revenge_event* event) {
      const std::shared_ptr<SubscriptionState> state = static_cast<Holder*>(context)->state;
      state->run(call, *event);
    };
    boundary::ErrorText error;
    const revenge_status status = host_->eventsTable().subscribe(host_->raw(), raw.data(), raw.size(),
                                                                 capacity, &handler, &handle_, &error);
    if (status < 0) host_->kept().end(*holder_);
    boundary::require(status, error, "subscription to events");
  }

  void end() {
    gate_.close();
    if (host_->eventsTable().unsubscribe(host_->raw(), handle_) == REVENGE_OK) host_->kept().end(*holder_);
  }

 private:
  struct Holder : Scope::Member {
    explicit Holder(std::shared_ptr<SubscriptionState> held) : state(std::move(held)) {}
    std::shared_ptr<SubscriptionState> state;
  };

  void run(const revenge_call* call, const revenge_event& event) {
    if (!gate_.enter()) return;
    host_->contained("an event", [&] { told_(ReceivedEvent(event), Call(*host_, call)); });
    gate_.leave();
  }

  Host* host_;
  Told told_;
  CallbackGate gate_;
  Holder* holder_ = nullptr;
  revenge_handle handle_ = 0;
};

}  // namespace detail

class SubscriptionRegistration {
 public:
  SubscriptionRegistration() = default;
  explicit SubscriptionRegistration(std::shared_ptr<detail::SubscriptionState> state)
      : state_(std::move(state)) {}
  // Waits for a run in progress, unless that ends it.
  void end() const { state_->end(); }

 private:
  std::shared_ptr<detail::SubscriptionState> state_;
};
using EventSubscription = Held<SubscriptionRegistration>;

class Events {
 public:
  explicit Events(Host& host) : host_(&host) {}

  // On behalf of a call, whose request id and trace go along; of a handler's call, one hop further than its event.
  // kInvalid: the kind or the payload is none; kRefused: the kind is the host's, or there are too many hops.
  Status publish(const Call& call, const NewEvent& event) const { return publish(call.raw(), event); }
  Status publish(const NewEvent& event) const { return publish(nullptr, event); }

  // `told(event)` or `told(event, call)` for each event of these kinds: one kind, or all that begin with the word and its
  // dot; of none: of every kind. Of more than `capacity` that wait the oldest are missed.
  template <class Function>
  SubscriptionRegistration on(std::initializer_list<std::string_view> kinds, Function told,
                              std::uint32_t capacity = 0) const {
    auto taking = [told = std::move(told)](const ReceivedEvent& event, const Call& call) mutable {
      if constexpr (std::is_invocable_v<Function&, const ReceivedEvent&, const Call&>)
        told(event, call);
      else
        told(event);
    };
    auto state = std::make_shared<detail::SubscriptionState>(*host_, std::move(taking));
    state->start(kinds, capacity, state);
    return SubscriptionRegistration(std::move(state));
  }

 private:
  Status publish(const revenge_call* call, const NewEvent& event) const {
    std::vector<revenge_field> attributes;
    attributes.reserve(event.attributes.size());
    for (const auto& [name, value] : event.attributes)
      attributes.push_back({boundary::view(name), boundary::view(value)});
    auto raw = boundary::sized<revenge_event>();
    raw.kind = boundary::view(event.kind);
    raw.text = boundary::view(event.text);
    raw.attributes = attributes.data();
    raw.attribute_count = attributes.size();
    raw.payload = boundary::view(event.payload);
    boundary::ErrorText error;
    return boundary::status(host_->eventsTable().publish(host_->raw(), call, &raw, &error), &error);
  }

  Host* host_;
};

inline Events Host::events() { return Events(*this); }

}  // namespace revenge
