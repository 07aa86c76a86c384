// How long what lies further in may take: all attempts, or each, by where the layer stands. Thread safety: constant, but for
// the counters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "policy/moment.hpp"
#include "policy/problem.hpp"
#include "policy/tally.hpp"

namespace revenge::resilience {

enum class TimeoutStyle : std::uint8_t {
  kCooperative,  // the body is asked to stop; the run ends when the body does
  kDetached,     // the run ends at once; the body goes on unobserved and keeps its slot of a bulkhead
};

struct TimeoutSettings {
  Duration limit = std::chrono::seconds(30);
  TimeoutStyle style = TimeoutStyle::kCooperative;
  bool operator==(const TimeoutSettings&) const = default;
};

std::optional<Problem> problem(const TimeoutSettings& settings);

class Timeout {
 public:
  // Requires: !problem(settings). One that replaces an `earlier` one counts on where that does.
  Timeout(std::string name, const TimeoutSettings& settings, const Timeout* earlier = nullptr)
      : name_(std::move(name)),
        settings_(settings),
        tally_(earlier != nullptr ? earlier->tally_ : std::make_shared<Tally<kCounters>>()) {}

  const std::string& name() const { return name_; }
  const TimeoutSettings& settings() const { return settings_; }

  void countFired() noexcept { tally_->add(kFired); }
  void countAbandoned() noexcept { tally_->add(kAbandoned); }
  std::uint64_t fired() const noexcept { return tally_->sum(kFired); }
  // Bodies that were still running when their run had ended.
  std::uint64_t abandoned() const noexcept { return tally_->sum(kAbandoned); }

 private:
  enum : std::size_t { kFired, kAbandoned, kCounters };

  std::string name_;
  TimeoutSettings settings_;
  std::shared_ptr<Tally<kCounters>> tally_;  // shared: with the one it replaces
};

}  // namespace revenge::resilience
