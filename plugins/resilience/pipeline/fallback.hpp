// When a run's fallback (a value, a function, a stale copy: its caller has it) answers in place of a failure.
// Thread safety: constant, but for the counter.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "pipeline/ending.hpp"
#include "policy/tally.hpp"

namespace revenge::resilience {

struct FallbackSettings {
  bool on_failure = true;    // the body failed, or its retries were exhausted
  bool on_rejection = true;  // a policy refused, or the time was over
  bool on_cancel = false;    // nobody waits for the answer any more
  bool operator==(const FallbackSettings&) const = default;
};

class Fallback {
 public:
  // One that replaces an `earlier` one counts on where that does.
  Fallback(std::string name, const FallbackSettings& settings, const Fallback* earlier = nullptr)
      : name_(std::move(name)),
        settings_(settings),
        tally_(earlier != nullptr ? earlier->tally_ : std::make_shared<Tally<1>>()) {}

  const std::string& name() const { return name_; }
  const FallbackSettings& settings() const { return settings_; }

  bool answers(const Ending& ending) const {
    if (ending.isSuccess()) return false;
    if (ending.isRejected(RejectionKind::kCancelled)) return settings_.on_cancel;
    // The error of an exhausted retry is the body's, however it is wrapped.
    const bool own = ending.cause == Cause::kBody || ending.last == Cause::kBody;
    return own ? settings_.on_failure : settings_.on_rejection;
  }
  void count() noexcept { tally_->add(0); }
  std::uint64_t used() const noexcept { return tally_->sum(0); }

 private:
  std::string name_;
  FallbackSettings settings_;
  std::shared_ptr<Tally<1>> tally_;  // shared: with the one it replaces
};

}  // namespace revenge::resilience
