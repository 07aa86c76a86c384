// RefusalLog: a line of the log for each kind of refusal, now and then, with how many there were since the last: a flood of
// requests is no flood of lines. Thread safety: any thread; what is not logged costs two relaxed operations.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include <revenge/log.hpp>

#include "limits/answer.hpp"
#include "limits/decision.hpp"

namespace revenge::http_limits {

class RefusalLog {
 public:
  explicit RefusalLog(const Host& host) : log_(host) {}

  // Requires: `decision` has a refusal; that of a dry run is said to be one.
  void tell(const Decision& decision, Instant now);

 private:
  static constexpr Duration kBetween = std::chrono::seconds(5);
  struct Line {
    std::atomic<std::int64_t> next_ns{0};
    std::atomic<std::uint64_t> count{0};  // since the last
  };

  const Log log_;
  std::array<Line, 2 * kRefusals> lines_;  // those of dry runs behind
};

}  // namespace revenge::http_limits
