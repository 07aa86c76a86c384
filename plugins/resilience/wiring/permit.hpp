// What crosses the boundary of revenge.resilience/1, from and to what the domain says. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <revenge/abi/resilience.h>

#include "wiring/reply.hpp"

namespace revenge::resilience {

enum class Phase : std::uint8_t { kAcquire, kSettle };

// All of it 0. Rationale: in place, since assigning a value made beforehand reads what was written just now in other widths,
// which the processor waits for.
inline void clear(revenge_resilience_permit& permit) noexcept {
  std::memset(&permit, 0, sizeof permit);
  permit.size = sizeof permit;
}

// Who refused, and for how long; nothing, where it was no policy.
void tellRefusal(const Ending& ending, revenge_resilience_permit& permit) noexcept;
revenge_status tellEnded(const Reply& reply, Phase phase, revenge_resilience_permit& permit,
                         revenge_error* error) noexcept;

// Fills the permit, which is clear, and the error, which may be null.
inline revenge_status tell(const Reply& reply, Phase phase, revenge_resilience_permit& permit,
                           revenge_error* error) noexcept {
  permit.attempts = reply.attempts;
  permit.limit = static_cast<std::uint64_t>(reply.level.limit);
  permit.remaining = static_cast<std::uint64_t>(reply.level.remaining);
  permit.reset_ns = reply.level.full_in.count();
  if (reply.kind == StepKind::kEnded)
    return reply.ending->isSuccess() ? revenge_status{REVENGE_OK} : tellEnded(reply, phase, permit, error);
  permit.until_ns = reply.until.nanoseconds();
  permit.token = reply.token;
  permit.is_fallback = reply.kind == StepKind::kFallback;
  if (permit.is_fallback) tellRefusal(*reply.ending, permit);
  return REVENGE_OK;
}

revenge_status sayNoPipeline(std::string_view name, revenge_error* error) noexcept;

// Empty: the verdict is none.
inline std::optional<Settlement> settlementOf(const revenge_resilience_outcome& outcome) noexcept {
  Settlement settlement;
  // The rest is of failures alone.
  if (outcome.verdict == REVENGE_RESILIENCE_SUCCESS) return settlement;
  switch (outcome.verdict) {
    case REVENGE_RESILIENCE_FAILURE:
      settlement.verdict = Verdict::kFailure;
      break;
    case REVENGE_RESILIENCE_IGNORED:
      settlement.verdict = Verdict::kIgnored;
      break;
    case REVENGE_RESILIENCE_ABANDONED:
      settlement.verdict = Verdict::kAbandoned;
      settlement.made = Made::kNo;
      break;
    default:
      return std::nullopt;
  }
  if ((outcome.flags & REVENGE_RESILIENCE_FINAL) != 0) settlement.again = Again::kNever;
  if (outcome.retry_after_ns > 0) settlement.retry_after = Duration(outcome.retry_after_ns);
  return settlement;
}

}  // namespace revenge::resilience
