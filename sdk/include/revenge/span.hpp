// Span: a stretch of a plugin's work, shown in the trace of the request it belongs to.
//
//   auto span = request.call().span("probe");
//   span.set("container", "matroska");
//   const auto answer = store_.call(span.call(), ...);   // what is done with its call is beneath it
//   if (!answer) span.fail(answer.error().message);
//
// It ends with the object, which stays where it was made. A request that is not sampled costs one question to the host:
// attributes are not copied. One thread at a time.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <revenge/call.hpp>
#include <revenge/clock.hpp>
#include <revenge/log.hpp>

namespace revenge {

class Span {
 public:
  enum class Kind : std::uint32_t { kInternal = REVENGE_SPAN_INTERNAL, kClient = REVENGE_SPAN_CLIENT };

  Span(const Host& host, const revenge_call* call, std::string_view name) : host_(&host) {
    raw_.call = call;
    if (host.traceTable() == nullptr) return;
    static_cast<void>(host.traceTable()->begin(host.raw(), call, &raw_));
    if (raw_.recorded) name_ = name;
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (raw_.recorded) end();
  }

  // For what is done beneath it.
  Call call() const { return {*host_, raw_.call}; }
  // False: nobody will see it, and what is said of it is not kept.
  bool recorded() const { return raw_.recorded; }

  // The work is waiting for somebody outside of this process.
  void waitsOutside() { kind_ = Kind::kClient; }

  void set(std::string_view key, const auto& value) {
    if (raw_.recorded) keep(attributes_, Attribute(key, value));
  }
  // Something that happened at this moment.
  void event(std::string_view name, std::initializer_list<Attribute> with = {}) {
    if (!raw_.recorded) return;
    Event& event = events_.emplace_back();
    event.name = keep(name);
    event.at = std::chrono::steady_clock::time_point(host_->clock()()).time_since_epoch().count();
    for (const Attribute& attribute : with) keep(event.attributes, attribute);
  }
  void fail(std::string_view message) {
    if (!raw_.recorded) return;
    status_ = REVENGE_SPAN_ERROR;
    message_ = message;
  }

 private:
  struct Event {
    std::string_view name;
    std::int64_t at = 0;
    std::vector<revenge_attribute> attributes;
  };

  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
  void keep(std::vector<revenge_attribute>& in, const revenge_attribute& attribute) {
    revenge_attribute& kept = in.emplace_back(attribute);
    kept.name = boundary::view(keep(boundary::text(attribute.name)));
    if (kept.type == REVENGE_ATTRIBUTE_TEXT) kept.text = boundary::view(keep(boundary::text(attribute.text)));
  }

  void end() noexcept {
    host_->contained("the end of a span", [this] {
      std::vector<revenge_span_event> events;
      for (const Event& event : events_) {
        auto& raw = events.emplace_back(boundary::sized<revenge_span_event>());
        raw.name = boundary::view(event.name);
        raw.at_ns = event.at;
        raw.attributes = event.attributes.data();
        raw.attribute_count = event.attributes.size();
      }
      auto what = boundary::sized<revenge_span_end>();
      what.kind = static_cast<std::uint32_t>(kind_);
      what.status = status_;
      what.name = boundary::view(name_);
      what.message = boundary::view(message_);
      what.attributes = attributes_.data();
      what.attribute_count = attributes_.size();
      what.events = events.data();
      what.event_count = events.size();
      host_->traceTable()->end(host_->raw(), raw_.handle, &what);
    });
  }

  const Host* host_;
  revenge_span raw_ = boundary::sized<revenge_span>();
  Kind kind_ = Kind::kInternal;
  std::uint32_t status_ = REVENGE_SPAN_UNSET;
  std::string name_;
  std::string message_;
  std::deque<std::string> texts_;  // what the attributes' views show
  std::vector<revenge_attribute> attributes_;
  std::vector<Event> events_;
};

inline Span Call::span(std::string_view name) const { return {*host_, raw_, name}; }

}  // namespace revenge
