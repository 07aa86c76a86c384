// One request from its head to the end of its answer, and how handlers, workers and late callers reach it. An
// exchange is named by a handle that carries a generation: it is valid in the handler and, after defer or
// openStream, until the answer has ended; a stale or foreign one is answered kGone. The Server owns exchanges
// and recycles them.
//
// Thread safety: Exchanges may be called from any thread; results reach the connection's loop through its
// inbox. Exchange& is for the handler it was passed to. Callbacks (done, gone) run once, on an I/O thread, no
// lock held, while the owner's instance is leased: they must not block and enter the instance themselves if
// they run its code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <revenge/abi/http.h>

#include "base/result.hpp"
#include "http/response.hpp"
#include "service/refs.hpp"

namespace revenge::http {

using Handle = revenge_handle;
using Caller = service::InstanceRef;  // none: the host

enum class StreamEnd : std::uint8_t {
  kComplete,
  kCut
};  // kCut: the connection is cut, so that the client sees it
enum class CallState : std::uint8_t { kLive, kGone, kTimedOut };

// revenge_status of a waiting call: REVENGE_OK, REVENGE_END (bodyRead), REVENGE_PENDING: `done` follows
// exactly once; REVENGE_GONE, REVENGE_BUSY, REVENGE_INVALID, REVENGE_TIMED_OUT.
using Done = std::function<void(revenge_status status, std::string_view piece)>;

// What holds for one request.
struct RequestLimits {
  std::int64_t deadline_ns = INT64_MAX;  // of the scheduler's clock, to the answer's head
  std::uint64_t body_bytes = UINT64_MAX;

  void lower(const RequestLimits& to) {
    deadline_ns = std::min(deadline_ns, to.deadline_ns);
    body_bytes = std::min(body_bytes, to.body_bytes);
  }
};

struct PeerCredentials {  // of a Unix socket
  std::uint32_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

class Exchanges {
 public:
  virtual ~Exchanges() = default;

  // kExists: already answered; kGone: the client left or the deadline passed; kInvalid names the field.
  virtual base::Result<> respond(Caller caller, Handle exchange, Response response) = 0;
  // To whatever answer follows.
  virtual base::Result<> addHeader(Caller caller, Handle exchange, std::string_view name,
                                   std::string_view value) = 0;
  // Inside the handler only; the instance is leased and the request's views stay valid until the answer.
  virtual base::Result<Handle> defer(Caller caller, Handle exchange) = 0;
  // The call of a deferred request; valid until the answer, null when it is gone.
  virtual const revenge_call* call(Caller caller, Handle responder) = 0;
  virtual base::Result<> drop(Caller caller, Handle responder) = 0;  // 500 at once
  // `gone` runs once if the client leaves before the answer's end.
  virtual base::Result<> watch(Caller caller, Handle exchange, std::function<void()> gone) = 0;
  // Each where it is less than what held before.
  virtual base::Result<> limit(Caller caller, Handle exchange, const RequestLimits& to) = 0;
  // ServerHooks::ended is told once when the request is over. kExists: for this plugin it was asked before. `plugin` lives as
  // long as the process.
  virtual base::Result<> tellEnd(Caller caller, Handle exchange, std::string_view plugin,
                                 std::uint64_t tag) = 0;
  // A request that a middleware deferred goes on to what comes behind it.
  virtual base::Result<> resume(Caller caller, Handle responder) = 0;

  // The next piece of a streamed body, valid until the next bodyRead or the answer. One read at a time.
  virtual revenge_status bodyRead(Caller caller, Handle exchange, std::string_view& piece, Done done) = 0;

  // Answers with this head and chunked framing; the instance is leased until the stream's end.
  virtual base::Result<Handle> openStream(Caller caller, Handle exchange, Response head) = 0;
  // REVENGE_OK: accepted; REVENGE_PENDING: accepted, write nothing before `done`.
  virtual revenge_status write(Caller caller, Handle stream, std::string_view data, Done done) = 0;
  virtual revenge_status event(Caller caller, Handle stream, const StreamEvent& event, Done done) = 0;
  virtual base::Result<> close(Caller caller, Handle stream, StreamEnd end) = 0;

  // For revenge.call/1: the state of the request whose call carries this cancel handle.
  virtual CallState state(Handle cancel) const = 0;
};

// The request inside its handler. call().cancel is the exchange's handle.
class Exchange {
 public:
  virtual const revenge_http_request& request() const = 0;
  virtual const revenge_call& call() const = 0;
  virtual Handle handle() const = 0;
  virtual Caller owner() const = 0;  // whose handler or middleware runs now
  virtual std::optional<PeerCredentials> peer() const = 0;
  // The subject of the client's certificate, verified; empty: it showed none.
  virtual std::string certificate() const = 0;
  // The status it was answered with so far; 0: not yet, or it streams.
  virtual std::uint32_t answered() const = 0;
  virtual Exchanges& exchanges() const = 0;
  // For middleware that knows whom the request is for; shows in call().origin->user_key.
  virtual void setUserKey(std::string_view key) = 0;

  base::Result<> respond(Response response) {
    return exchanges().respond(owner(), handle(), std::move(response));
  }

 protected:
  ~Exchange() = default;
};

}  // namespace revenge::http
