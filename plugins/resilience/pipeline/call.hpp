// What a call brings along through a pipeline, and how an attempt of it ended. Thread safety: values.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

#include "policy/moment.hpp"
#include "policy/priority.hpp"
#include "policy/verdict.hpp"

namespace revenge::resilience {

// Whether doing it twice does no harm. Only such calls are retried after they were made, or hedged; a call that a policy
// has refused was not made, and is retried either way.
enum class Repeat : std::uint8_t { kUnsafe, kSafe };

struct Call {
  Moment deadline = Moment::never();  // of the caller; no attempt begins at or after it
  std::string_view key;               // of keyed limits and of coalescing; lives as long as the run
  std::stop_token stop;  // of the caller: cancelled is its own outcome, no failure of the other side
  Priority priority = Priority::kBrowsing;
  Repeat repeat = Repeat::kUnsafe;
  std::int64_t permits = 1;  // of rate limits, for each attempt
};

// What the caller knows better than any policy.
enum class Again : std::uint8_t { kAllowed, kNever };

// kNo: it was granted, and not made after all; what it took of rates goes back.
enum class Made : std::uint8_t { kYes, kNo };

struct Settlement {
  Verdict verdict = Verdict::kSuccess;
  Duration retry_after{};         // the other side's hint, zero: none
  Again again = Again::kAllowed;  // kNever: an error that no retry mends; it is handed back as it is
  Made made = Made::kYes;
};

}  // namespace revenge::resilience
