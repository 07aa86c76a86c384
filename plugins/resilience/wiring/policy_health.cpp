#include "wiring/policy_health.hpp"

#include <string>

#include "pipeline/coalescer.hpp"

namespace revenge::resilience {
namespace {

// Empty: it lets calls through.
struct Shut {
  Moment now;

  template <class Policy>
  std::string operator()(const std::shared_ptr<Policy>& policy) const {
    if constexpr (requires { policy->mode(); }) {
      const bool is_by_hand = policy->mode() == Mode::kForcedOpen || policy->mode() == Mode::kIsolated;
      if (is_by_hand) return byHand(*policy);
    }
    if constexpr (std::is_same_v<Policy, Breaker>) {
      const BreakerState state = policy->state();
      const bool decides = policy->mode() == Mode::kEnforce;
      if (decides && state != BreakerState::kClosed) return std::string(nameOf(state));
    }
    return {};
  }
  template <class Policy>
  std::string byHand(Policy& policy) const {
    std::string reason;
    if constexpr (requires { policy.report(now); })
      reason = policy.report(now).mode_reason;
    else
      reason = policy.report().mode_reason;
    return std::string(nameOf(policy.mode())) + (reason.empty() ? "" : " (" + reason + ")");
  }
};

}  // namespace

Status healthOf(const Policies& policies, Moment now) {
  std::string shut;
  for (const auto& [name, layer] : policies.policies()) {
    const std::string how = std::visit(Shut{now}, layer);
    if (how.empty()) continue;
    shut.append(shut.empty() ? "" : ", ").append(name).append(": ").append(how);
  }
  if (shut.empty()) return {};
  return fail(Errc::kUnavailable, shut);
}

}  // namespace revenge::resilience
