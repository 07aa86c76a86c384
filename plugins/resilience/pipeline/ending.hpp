// How a run ended, apart from the value or error its body gave. Thread safety: a value; making one does not allocate.
#pragma once

#include <cstdint>
#include <string_view>

#include "pipeline/call.hpp"
#include "policy/rejection.hpp"
#include "policy/verdict.hpp"

namespace revenge::resilience {

enum class Cause : std::uint8_t {
  kNone,    // a value: the body's, or the fallback's
  kBody,    // the body's own failure, or its fallback's
  kPolicy,  // what `rejection` says
};

// A refusal that is no policy's own.
constexpr Rejection rejectedFor(RejectionKind kind, FullReason reason = FullReason::kNone) noexcept {
  Rejection rejection;
  rejection.kind = kind;
  rejection.full = reason;
  return rejection;
}

struct Ending {
  Cause cause = Cause::kNone;
  // What the last attempt says of the other side, for the policies further out. A refusal says nothing: kIgnored.
  Verdict verdict = Verdict::kSuccess;
  Again again = Again::kAllowed;
  bool reached = false;        // the last attempt got as far as the body
  Cause last = Cause::kNone;   // of kRetriesExceeded and kBudgetExceeded: how the last attempt ended
  std::uint32_t attempts = 0;  // of the body
  Duration retry_after{};      // the other side's hint
  Duration elapsed{};          // since the run began, waits included
  Rejection rejection;         // of kPolicy. kTimeout with FullReason::kDeadline: the next attempt, after
                               // retry_after, would have begun too late
  Rejection last_rejection;    // where `last` is kPolicy

  bool isSuccess() const { return cause == Cause::kNone; }
  bool isRejected(RejectionKind kind) const { return cause == Cause::kPolicy && rejection.kind == kind; }

  // By a policy that the attempt did not pass.
  void refuse(const Rejection& by) noexcept {
    cause = Cause::kPolicy;
    verdict = Verdict::kIgnored;
    again = Again::kAllowed;
    last = Cause::kNone;
    retry_after = {};
    rejection = by;
  }
  // What the body says. A failure of a call that was cancelled is no failure.
  void judge(const Settlement& settlement, bool is_cancelled) noexcept {
    const bool is_success =
        settlement.verdict == Verdict::kSuccess || settlement.verdict == Verdict::kSlowSuccess;
    if (!is_success && is_cancelled) return refuse(rejectedFor(RejectionKind::kCancelled));
    cause = is_success ? Cause::kNone : Cause::kBody;
    verdict = settlement.verdict;
    again = settlement.again;
    last = Cause::kNone;
    retry_after = settlement.retry_after;
  }
  // It came too late, whatever it is. Waiting for a policy is no failure of the other side.
  void timeOut(std::string_view policy) noexcept {
    if (last == Cause::kNone) {
      last = cause;
      last_rejection = rejection;
    }
    cause = Cause::kPolicy;
    verdict = reached ? Verdict::kFailure : Verdict::kIgnored;
    rejection = rejectedFor(RejectionKind::kTimeout);
    rejection.policy = policy;
  }
  // For limits of capacity: a failure says something of it only where time ran out, or the other side asked to be left alone.
  Verdict capacityVerdict() const noexcept {
    if (verdict == Verdict::kAbandoned || isSuccess()) return verdict;
    const bool is_late = isRejected(RejectionKind::kTimeout) && reached;
    return is_late || retry_after > Duration::zero() ? Verdict::kFailure : Verdict::kIgnored;
  }
};

}  // namespace revenge::resilience
