// Adapter of revenge.call/1: questions about a call.
#include <revenge/abi/call.h>

#include "ext/bundle.hpp"
#include "http/exchange.hpp"

namespace revenge::ext {

namespace {

revenge_status check(const revenge_host* host, const revenge_call* call) {
  const Ties* ties = alive(host);
  if (ties == nullptr) return REVENGE_GONE;
  if (call == nullptr) return REVENGE_OK;
  if (call->deadline_ns > 0 && ties->bundle.rooms.clock.now().time_since_epoch().count() >= call->deadline_ns)
    return REVENGE_TIMED_OUT;
  if (call->cancel == 0) return REVENGE_OK;
  switch (ties->bundle.stateOf(call->cancel)) {
    case http::CallState::kLive:
      return REVENGE_OK;
    case http::CallState::kGone:
      return REVENGE_CANCELLED;
    case http::CallState::kTimedOut:
      return REVENGE_TIMED_OUT;
  }
  return REVENGE_OK;
}

bool mayBlock(const revenge_host* host) { return alive(host) != nullptr && mayWait(); }

}  // namespace

const revenge_calls& callTable() {
  static constexpr revenge_calls kTable{sizeof(revenge_calls), 0, check, mayBlock};
  return kTable;
}

}  // namespace revenge::ext
