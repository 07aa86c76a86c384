#include "wiring/operator_commands.hpp"

#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "pipeline/coalescer.hpp"

namespace revenge::resilience {

struct OfPolicy {
  std::string policy;
  std::string reason;
};
REVENGE_CONFIG(OfPolicy, policy, reason)

namespace {

constexpr std::string_view kOfPolicy = R"({
  "type": "object", "additionalProperties": false, "required": ["policy"],
  "properties": {
    "policy": {"type": "string", "minLength": 1, "maxLength": 256, "description": "Its name, as `list` says."},
    "reason": {"type": "string", "default": "", "maxLength": 256, "description": "Why; shown as long as it lasts."}}})";

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\')
      json += fmt::format("\\{}", byte);
    else if (code < 0x20)
      json += fmt::format("\\u{:04x}", code);
    else
      json += byte;
  }
  return json + '"';
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string modeOf(Mode mode, const std::string& reason) {
  if (mode == Mode::kEnforce) return "";
  return fmt::format(R"(, "mode": "{}", "reason": {})", nameOf(mode), quoted(reason));
}

struct Shown {
  Moment now;

  std::string operator()(const std::shared_ptr<Breaker>& of) const {
    const BreakerReport report = of->report(now);
    std::string shown = fmt::format(
        R"("kind": "breaker", "state": "{}", "calls": {}, "failures": {}, "slow": {}, "rejected": {})",
        nameOf(report.state), report.counts.calls, report.counts.failures, report.counts.slow,
        report.rejected);
    if (report.state == BreakerState::kOpen)
      shown += fmt::format(R"(, "trials_in_s": {:.3f})", seconds(remaining(now, report.eligible_at)));
    return shown + modeOf(report.mode, report.mode_reason);
  }
  std::string operator()(const std::shared_ptr<Bulkhead>& of) const {
    const BulkheadReport report = of->report();
    return fmt::format(
               R"("kind": "bulkhead", "in_flight": {}, "most": {}, "queued": {}, "rejected": {}, "waited": {}, "waited_s": {:.3f})",
               report.running, report.settings.max_concurrent, report.queued, report.rejected, report.waited,
               seconds(report.wait_total)) +
           modeOf(report.mode, report.mode_reason);
  }
  std::string operator()(const std::shared_ptr<RateLimiter>& of) const {
    const RateReport report = of->report(now);
    return fmt::format(R"("kind": "rate", "remaining": {}, "most": {}, "rejected": {})",
                       report.level.remaining, report.level.limit, report.rejected) +
           modeOf(report.mode, report.mode_reason);
  }
  std::string operator()(const std::shared_ptr<KeyedLimiter>& of) const {
    const KeyedReport report = of->report();
    return fmt::format(R"("kind": "keyed_rate", "keys": {}, "rejected": {}, "overflowed": {})", report.keys,
                       report.rejected, report.overflowed) +
           modeOf(report.mode, report.mode_reason);
  }
  std::string operator()(const std::shared_ptr<AdaptiveLimiter>& of) const {
    const AdaptiveReport report = of->report();
    return fmt::format(R"("kind": "adaptive", "in_flight": {}, "limit": {})", report.running, report.limit) +
           modeOf(report.mode, report.mode_reason);
  }
  std::string operator()(const std::shared_ptr<Retry>& of) const {
    const Retry::Counts counts = of->counts();
    return fmt::format(R"("kind": "retry", "retries": {}, "exhausted": {}, "over_budget": {})",
                       counts.retries, counts.exhausted, counts.over_budget);
  }
  std::string operator()(const std::shared_ptr<Timeout>& of) const {
    return fmt::format(R"("kind": "timeout", "limit_s": {}, "fired": {})", seconds(of->settings().limit),
                       of->fired());
  }
  std::string operator()(const std::shared_ptr<Fallback>& of) const {
    return fmt::format(R"("kind": "fallback", "used": {})", of->used());
  }
  std::string operator()(const std::shared_ptr<Hedge>&) const { return R"("kind": "hedge")"; }
  std::string operator()(const std::shared_ptr<Coalescer>&) const { return R"("kind": "coalesce")"; }
};

std::unexpected<Error> unknown(const Policies& policies, const std::string& name) {
  std::string known;
  for (const auto& [policy, layer] : policies.policies()) known += (known.empty() ? "" : ", ") + policy;
  return fail(Errc::kNotFound,
              fmt::format("no policy '{}'; there are: {}", name, known.empty() ? "none" : known));
}

}  // namespace

OperatorCommands::OperatorCommands(Host& host, const Policies& policies)
    : policies_(policies), clock_(host.clock()) {
  const auto commands = host.commands();
  commands.add(
      {.name = "list", .description = "The pipelines with their layers, and each policy with its state."},
      [this](const CommandRun&) { return list(); });
  const auto changes = [&](std::string_view name, std::string_view description, auto change) {
    commands.add<OfPolicy>(
        {.name = name, .description = description, .effect = Effect::kChanges, .schema = kOfPolicy},
        [change](const CommandRun&, const OfPolicy& asked) { return change(asked); });
  };
  changes("force-open", "Lets nothing through a policy, until it is released.",
          [this](const OfPolicy& asked) { return setMode(asked.policy, Mode::kForcedOpen, asked.reason); });
  changes("isolate", "The same, for a reason that callers' permits tell from an open circuit.",
          [this](const OfPolicy& asked) { return setMode(asked.policy, Mode::kIsolated, asked.reason); });
  changes("dry-run", "Lets a policy decide and count, and refuse nothing.",
          [this](const OfPolicy& asked) { return setMode(asked.policy, Mode::kDryRun, asked.reason); });
  changes("disable", "Lets everything through a policy, and learns nothing from it.",
          [this](const OfPolicy& asked) { return setMode(asked.policy, Mode::kDisabled, asked.reason); });
  changes("release", "Ends force-open, isolate, dry-run and disable.",
          [this](const OfPolicy& asked) { return setMode(asked.policy, Mode::kEnforce, asked.reason); });
  changes("reset", "A breaker as new: closed, and nothing counted.",
          [this](const OfPolicy& asked) { return reset(asked.policy); });
}

Result<std::string> OperatorCommands::list() const {
  std::string json = R"({"pipelines": [)";
  bool is_first = true;
  for (const auto& pipeline : policies_.pipelines()) {
    std::string layers;
    for (const Layer& layer : pipeline->layers())
      layers += (layers.empty() ? "" : ", ") +
                std::visit([](const auto& policy) { return quoted(policy->name()); }, layer);
    json += fmt::format(R"({}{{"name": {}, "layers": [{}]}})", std::exchange(is_first, false) ? "" : ", ",
                        quoted(pipeline->name()), layers);
  }
  json += R"(], "policies": [)";
  is_first = true;
  for (const auto& [name, layer] : policies_.policies()) {
    json += fmt::format(R"({}{{"name": {}, {}}})", std::exchange(is_first, false) ? "" : ", ", quoted(name),
                        std::visit(Shown{now()}, layer));
  }
  return json + "]}";
}

Result<std::string> OperatorCommands::setMode(const std::string& name, Mode mode,
                                              const std::string& reason) const {
  const auto layer = policies_.policy(name);
  if (!layer) return unknown(policies_, name);
  const bool has_modes = std::visit(
      [&](const auto& policy) {
        if constexpr (requires { policy->setMode(mode, reason, now()); })
          policy->setMode(mode, reason, now());
        else if constexpr (requires { policy->setMode(mode, reason); })
          policy->setMode(mode, reason);
        else
          return false;
        return true;
      },
      *layer);
  if (!has_modes) return fail(Errc::kRefused, fmt::format("policy '{}' refuses nothing by itself", name));
  return fmt::format(R"({{"policy": {}, "mode": "{}"}})", quoted(name), nameOf(mode));
}

Result<std::string> OperatorCommands::reset(const std::string& name) const {
  const auto layer = policies_.policy(name);
  if (!layer) return unknown(policies_, name);
  const auto* const breaker = std::get_if<std::shared_ptr<Breaker>>(&*layer);
  if (breaker == nullptr) return fail(Errc::kRefused, fmt::format("policy '{}' is no breaker", name));
  (*breaker)->reset(now());
  return fmt::format(R"({{"policy": {}, "state": "closed"}})", quoted(name));
}

}  // namespace revenge::resilience
