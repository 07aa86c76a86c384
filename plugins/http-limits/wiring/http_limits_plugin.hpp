// The plugin: configuration to policy, requests to the gatekeeper, and what is told of both. Thread safety: as a Plugin's.
#pragma once

#include <chrono>
#include <random>
#include <string>

#include <revenge/plugin.hpp>

#include "limits/validation.hpp"
#include "wiring/configuration.hpp"
#include "wiring/gatekeeper.hpp"
#include "wiring/handed_over.hpp"
#include "wiring/limit_metrics.hpp"
#include "wiring/operator_commands.hpp"
#include "wiring/shedding_episodes.hpp"

namespace revenge::http_limits {

class HttpLimitsPlugin : public Plugin<Settings> {
 public:
  explicit HttpLimitsPlugin(Host& host)
      : secret_(newSecret()),
        gatekeeper_(host, secret_),
        commands_(host, gatekeeper_),
        metrics_(host),
        episodes_(host) {
    host.health().check("limits", [this] { return gatekeeper_.gate().health(); });
    host.health().check("load", [this] { return loadHealth(); });
    host.timers().every(kTend, [this] { tend(); });
  }

  Status check(const Settings& next) override {
    std::string errors;
    for (const Finding& finding : findingsOf(next))
      if (finding.kind == Finding::Kind::kError)
        errors += (errors.empty() ? "" : "; ") + finding.key + ": " + finding.message;
    return errors.empty() ? Status() : fail(Errc::kInvalid, errors);
  }
  void configure(const Settings& next) override {
    gatekeeper_.use(next);
    for (const Finding& finding : findingsOf(next))
      if (finding.kind == Finding::Kind::kWarning) host().log().warn(finding.key + ": " + finding.message);
  }
  Status stop() override {
    gatekeeper_.letGo();
    tellMetrics();
    return {};
  }

  // What requests under way hold is given back: a permit is settled by the instance that acquired it.
  Result<std::string> save() override {
    gatekeeper_.letGo();
    return bytesOf({secret_, gatekeeper_.queues().levels()});
  }
  void resume() override { gatekeeper_.hold(); }
  Status restore(std::string_view bytes, std::string_view version) override {
    const auto state = handedOver(bytes);
    if (!state)
      return fail(Errc::kInvalid, "the state of version " + std::string(version) + " cannot be read");
    secret_ = state->secret;
    gatekeeper_.resume(state->secret, state->levels);
    gatekeeper_.use(config());
    return {};
  }

  const Gatekeeper& gatekeeperForTest() const { return gatekeeper_; }

 private:
  static constexpr std::chrono::seconds kTend{1};

  static HashSecret newSecret() {
    std::random_device device;
    const auto word = [&] { return std::uint64_t{device()} << 32U | device(); };
    return {word(), word()};
  }

  void tend() {
    const Instant now = gatekeeper_.now();
    const std::uint64_t decided = gatekeeper_.tally().all();
    if (decided == decided_) gatekeeper_.queues().rest(now);
    decided_ = decided;
    episodes_.look(gatekeeper_.queues().highest(), gatekeeper_.tally(), now);
    tellMetrics();
  }
  void tellMetrics() {
    metrics_.set(gatekeeper_.tally(),
                 {gatekeeper_.queues().highest(), gatekeeper_.waiting(), gatekeeper_.permits()});
  }
  Status loadHealth() {
    if (gatekeeper_.queues().highest() == 0) return {};
    return fail(Errc::kUnavailable, "more requests come than can be answered: some are shed");
  }

  HashSecret secret_;
  Gatekeeper gatekeeper_;
  OperatorCommands commands_;
  LimitMetrics metrics_;
  SheddingEpisodes episodes_;
  std::uint64_t decided_ = 0;
};

}  // namespace revenge::http_limits
