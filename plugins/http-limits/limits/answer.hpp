// What a request is told that goes no further: status, a body {"code","message","details"}, Retry-After; and what any is told
// of its quota: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers, as of -10 and -11, which differ in
// the words for "t" only). All written into buffers of fixed size. Thread safety: plain values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "limits/fixed_text.hpp"
#include "limits/time.hpp"

namespace revenge::http_limits {

enum class Refusal : std::uint8_t {
  kRateLimited,      // 429
  kShed,             // 503: the queue is too long
  kOverloaded,       // 503: no place free
  kDeadline,         // 504: nobody waits any more
  kSlowRequest,      // 408: the request itself did not arrive in time
  kBodyTooLarge,     // 413
  kHeadersTooLarge,  // 431
};
inline constexpr std::size_t kRefusals = 7;

std::uint16_t statusOf(Refusal refusal);
std::string_view codeOf(Refusal refusal);  // "rate_limited": of the body and of the metric

inline constexpr std::size_t kMaxRuleName =
    64;  // validated; bounds what a name takes when each character is escaped

struct Quota {
  std::int64_t limit = -1;  // negative: there is none
  std::int64_t remaining = 0;
  Duration reset = Duration::zero();   // until there is more
  Duration window = Duration::zero();  // zero: it has none to tell
};

struct Answer {
  std::uint16_t status = 0;
  FixedText<1024> body;              // application/json
  FixedText<24> retry_after;         // empty: the field is not sent
  FixedText<192> rate_limit;         // RateLimit
  FixedText<192> rate_limit_policy;  // RateLimit-Policy
};

// What a refusal of a size is measured against, in the unit of the refusal; zero: nothing to tell.
struct Measured {
  std::int64_t limit = 0;
  std::int64_t seen = 0;
};

// Body, status and Retry-After; the latter for 429 and 503 only, in whole seconds, rounded up, one at least, and not before
// the quota's reset (section 6 of the draft).
void writeRefusal(Answer& answer, Refusal refusal, std::string_view rule, Duration retry_after,
                  const Quota& quota = {}, const Measured& measured = {});

// A policy's name as it stands in both fields: a string of a structured field, with its quotes.
std::string policyName(std::string_view rule);

// Both RateLimit fields; nothing without a limit. `policy_name` as policyName() makes it.
void writeQuota(Answer& answer, std::string_view policy_name, const Quota& quota);

}  // namespace revenge::http_limits
