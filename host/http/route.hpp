// What can be mounted: routes and middleware, as plain specifications from which a Router is built. `http`
// does not know what a plugin is: a route names its owner for people, and carries the instance that must be
// entered and the lane its blocking calls go to. Thread safety: plain values; handlers are called by several
// threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <revenge/abi/http.h>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "runtime/lanes.hpp"
#include "service/refs.hpp"

namespace revenge::http {

class Exchange;

enum class Method : std::uint8_t {
  kGet = REVENGE_HTTP_GET,
  kPost = REVENGE_HTTP_POST,
  kPut = REVENGE_HTTP_PUT,
  kDelete = REVENGE_HTTP_DELETE,
  kPatch = REVENGE_HTTP_PATCH,
  kHead = REVENGE_HTTP_HEAD,
  kOptions = REVENGE_HTTP_OPTIONS,
};
enum class Execution : std::uint8_t { kWorker = REVENGE_HTTP_WORKER, kInline = REVENGE_HTTP_INLINE };
enum class BodyMode : std::uint8_t {
  kNone = REVENGE_HTTP_BODY_NONE,
  kWhole = REVENGE_HTTP_BODY_WHOLE,
  kStream = REVENGE_HTTP_BODY_STREAM,
};
enum class Absence : std::uint8_t {
  kRefuse = REVENGE_ABSENCE_REFUSE,
  kBypass = REVENGE_ABSENCE_BYPASS,
  kLastGood = REVENGE_ABSENCE_LAST_GOOD,
  kWait = REVENGE_ABSENCE_WAIT,
};

// Answers through the exchange (respond, openStream, defer) or returns a failure, which becomes the status
// that revenge_http_route documents. Runs entered into the owner's instance. Must not throw.
using Handler = std::function<revenge_status(Exchange& exchange, revenge_error& error)>;

// Whether a candidate takes this request (a flag, a canary's share); who is not taken falls to the next one.
using Predicate = std::function<bool(Exchange& exchange)>;

// Whether what takes() says may differ between users now.
using ByUser = std::function<bool()>;

// Whose code a route or middleware is.
struct Owner {
  std::string plugin = {};                          // display name and metrics label; empty: the host itself
  service::InstanceRef instance = {};               // none for a plugin: away, its absence policy answers
  runtime::LaneId lane = runtime::LaneId::kNone;    // where blocking handlers run; none: inline always
  base::PluginMark mark = base::PluginMark::kHost;  // for code that runs inline
  bool held = false;  // takes nothing new for a moment: requests wait at the head for the next generation
};

struct Route {
  Method method = Method::kGet;
  std::string pattern = {};  // "/stream/{id}", "/files/{rest...}"
  Owner owner = {};
  Handler handle = {};   // may be empty while the owner is away
  Predicate takes = {};  // empty: every request
  ByUser by_user =
      {};  // empty: never; else a client nobody knows is given a session, and answers are private
  Execution execution = Execution::kWorker;
  BodyMode body = BodyMode::kNone;
  std::uint64_t max_body_bytes = 0;  // 0: the server's default
  base::Duration timeout = {};       // head of the request to head of the answer; 0: the server's default
  Absence absence = Absence::kRefuse;
  base::Duration absence_wait = {};
  std::int32_t rank = 0;  // lower first, then by plugin
};

struct Middleware {
  std::string name = {};
  std::string prefix = "/";
  std::int32_t order = 0;  // rising, then by plugin
  Owner owner = {};
  Handler before = {};  // REVENGE_OK without an answer: go on
  Execution execution = Execution::kWorker;
  Absence absence = Absence::kRefuse;  // kRefuse or kBypass
};

}  // namespace revenge::http
