// Gate: the rate, concurrency and adaptive limits that a rule names. Another plugin keeps them; the wiring puts its table
// behind this. Thread safety: an implementation is called from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "limits/codel.hpp"
#include "limits/time.hpp"

namespace revenge::http_limits {

// A number that the gate knows; whoever was granted it settles it once. 0: nothing to settle.
struct Permit {
  std::uint64_t token = 0;
};

struct GateRequest {
  std::string_view pipeline;
  std::string_view key;  // empty: one limit for all
  TrafficClass priority = TrafficClass::kBrowsing;
  Instant deadline = kNever;
};

struct GateAnswer {
  enum class Kind : std::uint8_t {
    kGranted,
    kRateLimited,  // the client's own doing: 429
    kOverloaded,   // everybody's: no place free, or a circuit open: 503
    kTimedOut,     // the time for waiting is over: 504
    kUnavailable,  // nobody keeps limits now, or none of that name: the request goes on without
    kLater,        // the answer takes time: to be asked for apart, then Admission::conclude()
  };
  Kind kind = Kind::kGranted;
  Permit permit{};
  std::int64_t limit = -1;  // of the quota; negative: there is none to tell
  std::int64_t remaining = 0;
  Duration reset = Duration::zero();  // until there is more of it
  Duration retry_after = Duration::zero();
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual GateAnswer acquire(const GateRequest& request, Instant now) = 0;
};

}  // namespace revenge::http_limits
