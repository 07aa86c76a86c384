// Mode: how far a breaker or limiter's decisions reach. Set at run time by the operator or a flag.
#pragma once

#include <cstdint>
#include <string_view>

namespace revenge::resilience {

enum class Mode : std::uint8_t {
  kEnforce,
  kDryRun,      // decides and counts as in kEnforce, but lets pass what it would reject
  kDisabled,    // lets everything pass and learns nothing
  kForcedOpen,  // rejects everything, learns nothing
  kIsolated,    // as kForcedOpen, with the operator's reason
};

constexpr std::string_view nameOf(Mode mode) noexcept {
  switch (mode) {
    case Mode::kEnforce:
      return "enforce";
    case Mode::kDryRun:
      return "dry_run";
    case Mode::kDisabled:
      return "disabled";
    case Mode::kForcedOpen:
      return "forced_open";
    case Mode::kIsolated:
      return "isolated";
  }
  return "?";
}

}  // namespace revenge::resilience
