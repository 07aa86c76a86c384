// Conditional requests (RFC 9110, 13): whether the representation a GET or HEAD is about is sent, and whether a
// Range of it may be. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/request_head.hpp"

namespace revenge::http {

struct Validators {
  std::string_view etag = {};                   // with quotes, maybe weak; empty: none
  std::optional<std::int64_t> modified_s = {};  // unix time
};

enum class Condition : std::uint8_t { kProceed, kNotModified, kFailed };  // 304, 412

// In the order of RFC 9110, 13.2.2: If-Match, else If-Unmodified-Since; If-None-Match, else If-Modified-Since.
Condition evaluate(const RequestHead& head, const Validators& validators);

// If-Range: true when absent or when it names exactly this representation (strong tag, or the very same date).
bool rangeApplies(std::string_view if_range, const Validators& validators);

}  // namespace revenge::http
