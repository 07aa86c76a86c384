#include "plugin/lifecycle.hpp"

#include <array>

namespace revenge::plugin {

namespace {

constexpr std::array kStates{"discovered", "verified", "loaded",   "configured", "running", "degraded",
                             "waiting",    "draining", "stopped",  "unloaded",   "retired", "stuck",
                             "refused",    "failed",   "disabled", "quarantined"};
constexpr std::array kEvents{"verify", "load",    "create",  "publish", "refuse",    "fail",
                             "hang",   "degrade", "recover", "miss",    "withdraw",  "stop",
                             "unmap",  "retire",  "disable", "enable",  "quarantine"};

struct Row {
  State from;
  Event event;
  State to;
};

using enum State;
// One table for two kinds of subject. An instance walks from verified to unloaded; a failed load ends through the same
// doors as a running one: what was mapped is unmapped or retired. A plugin that has no serving instance stands in
// discovered and moves from there as its last attempt went, until it is enabled again.
constexpr Row kTable[] = {
    {kDiscovered, Event::kVerify, kVerified},
    {kDiscovered, Event::kRefuse, kRefused},
    {kDiscovered, Event::kDisable, kDisabled},
    {kDiscovered, Event::kQuarantine, kQuarantined},
    {kDiscovered, Event::kFail, kFailed},
    {kDiscovered, Event::kHang, kStuck},
    {kDiscovered, Event::kMiss, kWaiting},
    {kVerified, Event::kLoad, kLoaded},
    {kVerified, Event::kRefuse, kRefused},
    {kVerified, Event::kDisable, kDisabled},
    {kLoaded, Event::kCreate, kConfigured},
    {kLoaded, Event::kRefuse, kRefused},
    {kLoaded, Event::kFail, kFailed},
    {kLoaded, Event::kHang, kStuck},
    {kLoaded, Event::kUnmap, kUnloaded},
    {kLoaded, Event::kRetire, kRetired},
    {kConfigured, Event::kPublish, kRunning},
    {kConfigured, Event::kFail, kFailed},
    {kConfigured, Event::kHang, kStuck},
    {kConfigured, Event::kStop, kStopped},
    {kRunning, Event::kDegrade, kDegraded},
    {kRunning, Event::kMiss, kWaiting},
    {kRunning, Event::kWithdraw, kDraining},
    {kDegraded, Event::kRecover, kRunning},
    {kDegraded, Event::kMiss, kWaiting},
    {kDegraded, Event::kWithdraw, kDraining},
    {kWaiting, Event::kRecover, kRunning},
    {kWaiting, Event::kEnable, kDiscovered},
    {kWaiting, Event::kDisable, kDisabled},
    {kWaiting, Event::kWithdraw, kDraining},
    {kDraining, Event::kStop, kStopped},
    {kDraining, Event::kHang, kStuck},
    {kDraining, Event::kRetire, kRetired},
    {kStopped, Event::kUnmap, kUnloaded},
    {kStopped, Event::kRetire, kRetired},
    {kStopped, Event::kHang, kStuck},
    {kRetired, Event::kUnmap, kUnloaded},
    {kRetired, Event::kStop, kStopped},
    {kStuck, Event::kRetire, kRetired},
    {kStuck, Event::kEnable, kDiscovered},
    {kStuck, Event::kDisable, kDisabled},
    {kUnloaded, Event::kEnable, kDiscovered},
    {kUnloaded, Event::kDisable, kDisabled},
    {kRefused, Event::kEnable, kDiscovered},
    {kRefused, Event::kDisable, kDisabled},
    {kFailed, Event::kEnable, kDiscovered},
    {kFailed, Event::kDisable, kDisabled},
    {kFailed, Event::kQuarantine, kQuarantined},
    {kDisabled, Event::kEnable, kDiscovered},
    {kDisabled, Event::kDisable, kDisabled},
    {kQuarantined, Event::kEnable, kDiscovered},
    {kQuarantined, Event::kDisable, kDisabled},
};

}  // namespace

std::string_view name(State state) { return kStates.at(static_cast<std::size_t>(state)); }
std::string_view name(Event event) { return kEvents.at(static_cast<std::size_t>(event)); }

std::optional<State> transition(State state, Event event) {
  for (const Row& row : kTable) {
    if (row.from == state && row.event == event) return row.to;
  }
  return std::nullopt;
}

}  // namespace revenge::plugin
