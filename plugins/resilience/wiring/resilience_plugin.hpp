// The plugin: configuration to policies, the table to runs, and what is told of both. Thread safety: as a Plugin's.
#pragma once

#include <atomic>
#include <chrono>
#include <set>
#include <string>

#include <revenge/plugin.hpp>

#include "wiring/host_scheduler.hpp"
#include "wiring/operator_commands.hpp"
#include "wiring/policy_health.hpp"
#include "wiring/policy_metrics.hpp"
#include "wiring/state.hpp"
#include "wiring/table.hpp"

namespace revenge::resilience {

class ResiliencePlugin : public Plugin<Settings> {
 public:
  explicit ResiliencePlugin(Host& host)
      : scheduler_(host),
        policies_([this](const std::string& policy, const BreakerEvent& event) { told(policy, event); }),
        inherited_(policies_),
        runs_(scheduler_),
        callers_(host, [this](std::uint64_t caller) { lost(caller); }),
        commands_(host, policies_),
        table_(host, policies_, runs_, callers_, inherited_),
        metrics_(host),
        abandoned_(host.metrics().counter("abandoned_total", "Permits that nobody settled.")) {
    host.services().provide(Table::functions(), &table_);
    host.timers().every(kTend, [this] { tend(); });
    host.health().check("policies", [this] { return healthOf(policies_, scheduler_.now()); },
                        {.period = kTend, .failure_threshold = 1});
  }

  void configure(const Settings& next) override {
    policies_.apply(next, scheduler_.now());
    for (const std::string& warning : warningsOf(next)) host().log().warn(warning);
  }
  Status stop() override {
    (void)runs_.cut(kCut);
    callers_.keepNone();
    return {};
  }

  // What waits is told to ask again, by then of the next version; what is held goes along.
  Result<std::string> save() override {
    if (!runs_.cut(kCut)) return fail(Errc::kBusy, "calls that wait did not end in time");
    callers_.keepNone();
    is_sealed_.store(true, std::memory_order_release);
    return bytesOf(stateOf(policies_, runs_, inherited_, scheduler_.now()));
  }
  void resume() override { is_sealed_.store(false, std::memory_order_release); }
  Status restore(std::string_view bytes, std::string_view version) override {
    const auto state = stateOf(bytes);
    if (!state)
      return fail(Errc::kInvalid, "the state of version " + std::string(version) + " cannot be read");
    resilience::restore(*state, policies_, inherited_, scheduler_.now());
    for (const HeldRun& run : state->runs) callers_.meet(run.caller);
    return {};
  }

 private:
  static constexpr std::chrono::seconds kTend{1};
  static constexpr std::chrono::milliseconds kCut{100};

  void tend() {
    if (is_sealed_.load(std::memory_order_acquire)) return;
    const Moment now = scheduler_.now();
    scheduler_.turn();
    for (const auto& [name, layer] : policies_.policies()) {
      if (const auto* const breaker = std::get_if<std::shared_ptr<Breaker>>(&layer)) (*breaker)->tick(now);
      if (const auto* const keyed = std::get_if<std::shared_ptr<KeyedLimiter>>(&layer)) (*keyed)->sweep(now);
    }
    const Duration longest = config().max_hold;
    const auto is_too_old = [&](std::uint64_t, Moment granted_at) { return now - granted_at >= longest; };
    abandoned(runs_.abandon(now, is_too_old) + inherited_.abandon(now, is_too_old));
    std::set<std::uint64_t> holders;
    runs_.forEachHeld([&](const Run& run, std::uint64_t) {
      if (now - run.grantedAt() < Callers::kWatched) holders.insert(run.caller());
    });
    callers_.keep(holders);
    metrics_.set(policies_, now);
  }

  void lost(std::uint64_t caller) {
    const auto is_his = [&](std::uint64_t holder, Moment) { return holder == caller; };
    const Moment now = scheduler_.now();
    abandoned(runs_.abandon(now, is_his) + inherited_.abandon(now, is_his));
  }
  void abandoned(std::size_t count) {
    if (count == 0) return;
    abandoned_.add(static_cast<double>(count));
    host().log().warn("permits came back unsettled", {{"count", count}});
  }

  // On the thread of a call: publishing waits for nobody.
  void told(const std::string& policy, const BreakerEvent& event) {
    if (is_sealed_.load(std::memory_order_acquire)) return;
    const std::string text = event.cause == BreakerCause::kMode
                                 ? policy + ": " + std::string(nameOf(event.mode))
                                 : policy + ": " + std::string(nameOf(event.from)) + " -> " +
                                       std::string(nameOf(event.to)) + ": " +
                                       std::string(nameOf(event.cause));
    (void)host().events().publish({.kind = "resilience.changed",
                                   .text = text,
                                   .attributes = {{"policy", policy},
                                                  {"from", nameOf(event.from)},
                                                  {"to", nameOf(event.to)},
                                                  {"cause", nameOf(event.cause)},
                                                  {"mode", nameOf(event.mode)}}});
  }

  HostScheduler scheduler_;
  std::atomic<bool> is_sealed_ = false;  // the state has gone to the next version
  Policies policies_;
  Inherited inherited_;
  Runs runs_;
  Callers callers_;
  OperatorCommands commands_;
  Table table_;
  PolicyMetrics metrics_;
  Counter abandoned_;
};

}  // namespace revenge::resilience
