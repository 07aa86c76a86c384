// Call: what a piece of work is for - deadline, cancellation, request id, user.
//
// A borrowed pointer, valid as long as the function it was given to runs, or its Responder lives. Pass it on
// to every service and log call made for the same work. Safe from any thread.
#pragma once

#include <chrono>
#include <optional>

#include <revenge/host.hpp>

namespace revenge {

class Call {
 public:
  Call(const Host& host, const revenge_call* raw) : host_(&host), raw_(raw) {}

  // On the host's monotonic clock; nullopt: none.
  std::optional<std::chrono::steady_clock::time_point> deadline() const {
    if (raw_->deadline_ns == 0) return std::nullopt;
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(raw_->deadline_ns));
  }
  // Whether anybody still waits: kCancelled or kTimedOut when not. Cheap; ask it between steps of long work.
  Status check() const {
    if (host_->callTable() == nullptr) return {};
    switch (host_->callTable()->check(host_->raw(), raw_)) {
      case REVENGE_OK:
        return {};
      case REVENGE_TIMED_OUT:
        return fail(Errc::kTimedOut, "the deadline of the call has passed");
      default:
        return fail(Errc::kCancelled, "nobody waits for the answer of this call any more");
    }
  }
  bool cancelled() const { return !check(); }

  std::string_view requestId() const { return origin(&revenge_origin::request_id); }
  std::string_view userKey() const { return origin(&revenge_origin::user_key); }
  // The traceparent header for a request that is made on behalf of this call (W3C trace context); empty: not traced.
  std::string traceparent() const {
    const revenge_origin* const from = raw_->origin;
    if (from == nullptr || (from->trace_id_high == 0 && from->trace_id_low == 0)) return {};
    std::string header = "00-";
    appendHex(header, from->trace_id_high, 16);
    appendHex(header, from->trace_id_low, 16);
    header += '-';
    appendHex(header, from->span_id, 16);
    header += '-';
    appendHex(header, from->trace_flags & 0xffU, 2);
    return header;
  }

  // Beside it, as the tracestate header; empty: none.
  std::string_view tracestate() const {
    const revenge_origin* const from = raw_->origin;
    if (from == nullptr || !REVENGE_HAS(from, revenge_origin, trace_state)) return {};
    return boundary::text(from->trace_state);
  }

  // A span of the plugin's own, from here to the end of the object: see span.hpp.
  class Span span(std::string_view name) const;

  const revenge_call* raw() const { return raw_; }

 private:
  std::string_view origin(revenge_view revenge_origin::* field) const {
    return raw_->origin == nullptr ? std::string_view() : boundary::text(raw_->origin->*field);
  }

  static void appendHex(std::string& out, std::uint64_t value, unsigned digits) {
    while (digits-- > 0) out += "0123456789abcdef"[value >> (4 * digits) & 0xf];
  }

  const Host* host_;
  const revenge_call* raw_;
};

// The same work under a nearer deadline; keep it for as long as the calls made with it.
class NearerCall {
 public:
  NearerCall(const Host& host, const Call& call, std::chrono::steady_clock::time_point deadline)
      : host_(&host), raw_(*call.raw()) {
    raw_.size = sizeof raw_;
    const std::int64_t wanted =
        std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    if (raw_.deadline_ns == 0 || wanted < raw_.deadline_ns) raw_.deadline_ns = wanted;
  }
  NearerCall(const NearerCall&) = delete;
  NearerCall& operator=(const NearerCall&) = delete;

  operator Call() const { return {*host_, &raw_}; }

 private:
  const Host* host_;
  revenge_call raw_;
};

inline Call Host::call() const { return {*this, &nobody_}; }

}  // namespace revenge
