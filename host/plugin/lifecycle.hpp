// The life of one load of a plugin as a state machine. Pure data: no thread, no clock. Every change of state in the host
// goes through transition(); what is not in its table does not happen.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace revenge::plugin {

enum class State : std::uint8_t {
  kDiscovered,  // its folder was seen
  kVerified,    // manifest, hash and static verdict are good; no code has run
  kLoaded,      // the library is mapped and the handshake done
  kConfigured,  // created with a valid configuration
  kRunning,     // started and published
  kDegraded,    // running, and its health says so
  kWaiting,     // a required interface is away: of an instance that serves, or before one could start
  kDraining,    // no longer published; calls inside are ending
  kStopped,     // stop returned, nothing is inside
  kUnloaded,    // gone, and proved gone
  kRetired,     // never entered again, still mapped
  kStuck,       // a lifecycle call never returned: never entered again, still mapped
  kRefused,     // a verdict, the handshake or the configuration says no
  kFailed,      // its own code failed
  kDisabled,    // the operator wants it off, or its flag lets nobody in
  kQuarantined  // the host crashed in it, or it failed too often
};

enum class Event : std::uint8_t {
  kVerify,     // the package passed
  kLoad,       // mapped and shaken hands
  kCreate,     // create succeeded
  kPublish,    // started, healthy, and in the published generation
  kRefuse,     // the host says no
  kFail,       // the plugin's code says no, or throws
  kHang,       // a lifecycle call overran its deadline
  kDegrade,    // health got worse
  kRecover,    // health is good, or the requirement is back
  kMiss,       // a required interface is away
  kWithdraw,   // taken out of the published generation
  kStop,       // drained, stop returned
  kUnmap,      // proved unmapped
  kRetire,     // kept mapped for a reason
  kDisable,    // the operator's wish, or that of its flag
  kEnable,     // the operator's wish, or another try
  kQuarantine  // too many failures
};

std::string_view name(State state);
std::string_view name(Event event);

// The state after `event`, or nothing when the event cannot happen in `state`.
std::optional<State> transition(State state, Event event);

// The instance is in the published generation: calls may enter it.
constexpr bool isServing(State state) {
  return state == State::kRunning || state == State::kDegraded || state == State::kWaiting;
}

// Nothing of this load is mapped or will be entered again: its next load starts afresh.
constexpr bool isOver(State state) {
  return state == State::kUnloaded || state == State::kRefused || state == State::kFailed ||
         state == State::kDisabled || state == State::kQuarantined;
}

}  // namespace revenge::plugin
