// Verdict: how an admitted call ended, as its caller's predicates have it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace revenge::resilience {

enum class Verdict : std::uint8_t {
  kSuccess,
  kFailure,
  kSlowSuccess,
  kSlowFailure,
  kIgnored,  // says nothing about the other side: cancelled by the caller, its own mistake, rejected further in
  kAbandoned,  // the permit was given back without a verdict; counts as kIgnored
};
inline constexpr std::size_t kVerdicts = 6;

constexpr bool isFailure(Verdict verdict) noexcept {
  return verdict == Verdict::kFailure || verdict == Verdict::kSlowFailure;
}
constexpr bool isSlow(Verdict verdict) noexcept {
  return verdict == Verdict::kSlowSuccess || verdict == Verdict::kSlowFailure;
}
// Whether it tells anything about the other side.
constexpr bool isCounted(Verdict verdict) noexcept { return verdict < Verdict::kIgnored; }

constexpr Verdict slowed(Verdict verdict) noexcept {
  if (verdict == Verdict::kSuccess) return Verdict::kSlowSuccess;
  return verdict == Verdict::kFailure ? Verdict::kSlowFailure : verdict;
}

constexpr std::string_view nameOf(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::kSuccess:
      return "success";
    case Verdict::kFailure:
      return "failure";
    case Verdict::kSlowSuccess:
      return "slow_success";
    case Verdict::kSlowFailure:
      return "slow_failure";
    case Verdict::kIgnored:
      return "ignored";
    case Verdict::kAbandoned:
      return "abandoned";
  }
  return "?";
}

}  // namespace revenge::resilience
