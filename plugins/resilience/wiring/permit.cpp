#include "wiring/permit.hpp"

#include <algorithm>
#include <array>

#include <revenge/boundary.hpp>

namespace revenge::resilience {
namespace {

constexpr std::size_t kNameShown = 128;

struct Meaning {
  revenge_status status;
  std::uint32_t refused_by;
  const char* text;
};

// In the order of RejectionKind.
constexpr std::array<Meaning, 10> kMeanings{{
    {REVENGE_UNAVAILABLE, REVENGE_RESILIENCE_CIRCUIT_OPEN, "the circuit is open"},
    {REVENGE_UNAVAILABLE, REVENGE_RESILIENCE_ISOLATED, "isolated by the operator"},
    {REVENGE_LIMIT, REVENGE_RESILIENCE_BULKHEAD_FULL, "too many calls at once"},
    {REVENGE_LIMIT, REVENGE_RESILIENCE_RATE_LIMITED, "too many calls in this time"},
    {REVENGE_UNAVAILABLE, REVENGE_RESILIENCE_OVERLOADED, "overloaded"},
    {REVENGE_LIMIT, REVENGE_RESILIENCE_RETRIES_EXCEEDED, "no retry is left"},
    {REVENGE_LIMIT, REVENGE_RESILIENCE_BUDGET_EXCEEDED, "the budget of retries is used up"},
    {REVENGE_TIMED_OUT, REVENGE_RESILIENCE_TIMEOUT, "out of time"},
    {REVENGE_CANCELLED, REVENGE_RESILIENCE_CANCELLED, "nobody waits for it any more"},
    {REVENGE_INVALID, REVENGE_RESILIENCE_INVALID_ARGUMENT, "more than can ever be granted"},
}};

constexpr const Meaning& meaningOf(RejectionKind kind) { return kMeanings[static_cast<std::size_t>(kind)]; }

// Without memory of its own: this is said thousands of times a second when it is said at all.
class Sentence {
 public:
  Sentence& operator<<(std::string_view words) noexcept {
    const std::size_t taken = std::min(words.size(), bytes_.size() - used_);
    std::copy_n(words.begin(), taken, bytes_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += taken;
    return *this;
  }
  std::string_view text() const noexcept { return {bytes_.data(), used_}; }

 private:
  std::array<char, 256> bytes_{};
  std::size_t used_ = 0;
};

void write(revenge_error* error, const Rejection& rejection, const Meaning& meaning) noexcept {
  if (error == nullptr) return;
  Sentence sentence;
  sentence << rejection.policy.substr(0, kNameShown) << (rejection.policy.empty() ? "" : ": ")
           << meaning.text;
  boundary::write(error, sentence.text());
}

}  // namespace

void tellRefusal(const Ending& ending, revenge_resilience_permit& permit) noexcept {
  if (ending.cause != Cause::kPolicy) return;
  permit.refused_by = meaningOf(ending.rejection.kind).refused_by;
  permit.retry_after_ns = ending.rejection.retry_after.count();
}

revenge_status tellEnded(const Reply& reply, Phase phase, revenge_resilience_permit& permit,
                         revenge_error* error) noexcept {
  if (reply.was_cut) {
    // Of a settle the caller's own failure is the end: no attempt follows.
    if (phase == Phase::kSettle) return REVENGE_OK;
    boundary::write(error, "the plugin is being replaced: ask again");
    return REVENGE_BUSY;
  }
  if (reply.ending->cause != Cause::kPolicy) return REVENGE_OK;
  const Rejection& rejection = reply.ending->rejection;
  const Meaning& meaning = meaningOf(rejection.kind);
  tellRefusal(*reply.ending, permit);
  write(error, rejection, meaning);
  return meaning.status;
}

revenge_status sayNoPipeline(std::string_view name, revenge_error* error) noexcept {
  Sentence sentence;
  sentence << "no pipeline `" << name.substr(0, kNameShown) << "`";
  boundary::write(error, sentence.text());
  return REVENGE_NOT_FOUND;
}

}  // namespace revenge::resilience
