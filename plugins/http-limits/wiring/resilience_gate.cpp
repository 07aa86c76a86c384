#include "wiring/resilience_gate.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace revenge::http_limits {
namespace {

using RawPermit = revenge_resilience_permit;

revenge_resilience_request rawOf(const GateRequest& request) {
  static_assert(static_cast<int>(TrafficClass::kPlayback) == REVENGE_PLAYBACK &&
                static_cast<int>(TrafficClass::kBrowsing) == REVENGE_BROWSING &&
                static_cast<int>(TrafficClass::kBackground) == REVENGE_BACKGROUND);
  auto raw = boundary::sized<revenge_resilience_request>();
  raw.pipeline = boundary::view(request.pipeline);
  raw.key = boundary::view(request.key);
  raw.priority = static_cast<std::uint32_t>(request.priority);
  return raw;
}

std::uint32_t rawOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSuccess:
      return REVENGE_RESILIENCE_SUCCESS;
    case Verdict::kFailure:
      return REVENGE_RESILIENCE_FAILURE;
    case Verdict::kIgnored:
      break;
  }
  return REVENGE_RESILIENCE_IGNORED;
}

GateAnswer::Kind kindOf(std::uint32_t refused_by) {
  switch (refused_by) {
    case REVENGE_RESILIENCE_RATE_LIMITED:
      return GateAnswer::Kind::kRateLimited;
    case REVENGE_RESILIENCE_TIMEOUT:
    case REVENGE_RESILIENCE_CANCELLED:
      return GateAnswer::Kind::kTimedOut;
    default:
      return GateAnswer::Kind::kOverloaded;
  }
}

}  // namespace

void WaitEnd::arm(revenge_handle completion) {
  {
    const std::scoped_lock lock(mutex_);
    if (!cancelled_) {
      completion_ = completion;
      return;
    }
  }
  host_.serviceTable().completion_cancel(host_.raw(), completion);
}

void WaitEnd::cancel() {
  revenge_handle completion = 0;
  {
    const std::scoped_lock lock(mutex_);
    cancelled_ = true;
    completion = std::exchange(completion_, 0);
  }
  if (completion != 0) host_.serviceTable().completion_cancel(host_.raw(), completion);
}

GateAnswer ResilienceGate::ask(const Call& call, const GateRequest& request) {
  const NearerCall nearer(host_, call, request.deadline);
  Entry entry(host_);
  if (const Status entered = entry.enter(nearer, slot_.handle()); !entered) return unanswered(entered);
  const revenge_resilience_request raw = rawOf(request);
  auto permit = boundary::sized<RawPermit>();
  boundary::ErrorText error;
  const revenge_status status =
      entry.table<revenge_resilience>().acquire(entry.self(), entry.call(), &raw, 0, &permit, &error);
  return answerTo(request.pipeline, status, permit);
}

GateAnswer ResilienceGate::unanswered(const Status& entered) {
  // Held for a moment, while it is replaced.
  if (entered.error().code == Errc::kBusy) return {.kind = GateAnswer::Kind::kLater};
  is_away_.store(true, std::memory_order_relaxed);
  return {.kind = GateAnswer::Kind::kUnavailable};
}

GateAnswer ResilienceGate::answerTo(std::string_view pipeline, revenge_status status,
                                    const RawPermit& permit) {
  if (is_away_.load(std::memory_order_relaxed)) is_away_.store(false, std::memory_order_relaxed);
  GateAnswer answer{.kind = GateAnswer::Kind::kUnavailable,
                    .permit = {permit.token},
                    .limit = permit.limit == 0 ? -1 : static_cast<std::int64_t>(permit.limit),
                    .remaining = static_cast<std::int64_t>(permit.remaining),
                    .reset = Duration(permit.reset_ns),
                    .retry_after = Duration(permit.retry_after_ns)};
  switch (status) {
    case REVENGE_OK:
      answer.kind = GateAnswer::Kind::kGranted;
      break;
    case REVENGE_BUSY:
      answer.kind = GateAnswer::Kind::kLater;
      break;
    case REVENGE_NOT_FOUND:
    case REVENGE_INVALID:
      remember(pipeline, false);
      return answer;
    case REVENGE_TIMED_OUT:
    case REVENGE_CANCELLED:
      answer.kind = GateAnswer::Kind::kTimedOut;
      break;
    case REVENGE_LIMIT:
    case REVENGE_UNAVAILABLE:
      answer.kind = kindOf(permit.refused_by);
      break;
    default:
      return answer;
  }
  if (missing_count_.load(std::memory_order_relaxed) > 0) remember(pipeline, true);
  return answer;
}

void ResilienceGate::remember(std::string_view pipeline, bool is_there) {
  const std::scoped_lock lock(mutex_);
  if (is_there) {
    if (const auto known = missing_.find(pipeline); known != missing_.end()) missing_.erase(known);
  } else {
    missing_.emplace(pipeline);
  }
  missing_count_.store(missing_.size(), std::memory_order_relaxed);
}

bool ResilienceGate::Later::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  // Once the provider has the completion, the frame that holds this may be gone: from there on locals alone.
  Host& host = gate_.host_;
  const std::shared_ptr<WaitEnd> end = end_;
  const revenge_resilience_request raw = rawOf(request_);
  const NearerCall nearer(host, call_, request_.deadline);
  Entry entry(host);
  if (const Status entered = entry.enter(nearer, gate_.slot_.handle()); !entered) {
    answer_ = gate_.unanswered(entered);
    return false;
  }
  auto done = boundary::sized<revenge_completion>();
  done.context = this;
  done.complete = &complete;
  revenge_handle completion = 0;
  auto permit = boundary::sized<RawPermit>();
  boundary::ErrorText error;
  revenge_status status =
      host.serviceTable().completion_open(host.raw(), entry.call(), &done, &completion, &error);
  if (status < 0) {
    answer_ = {.kind = GateAnswer::Kind::kUnavailable};
    return false;
  }
  status = entry.table<revenge_resilience>().acquire(entry.self(), entry.call(), &raw, completion, &permit,
                                                     &error);
  if (status == REVENGE_PENDING) {
    end->arm(completion);
    return true;
  }
  host.serviceTable().completion_cancel(host.raw(), completion);
  answer_ = gate_.answerTo(request_.pipeline, status, permit);
  return false;
}

void ResilienceGate::Later::complete(void* context, revenge_status status, revenge_view result,
                                     const revenge_error*) {
  auto& self = *static_cast<Later*>(context);
  auto permit = boundary::sized<RawPermit>();
  if (result.size >= sizeof permit) std::memcpy(&permit, result.data, sizeof permit);
  // The provider has left: whoever is there now is asked.
  const revenge_status meant = status == REVENGE_GONE ? revenge_status{REVENGE_BUSY} : status;
  self.answer_ = self.gate_.answerTo(self.request_.pipeline, meant, permit);
  self.waiting_.resume();
}

void ResilienceGate::settle(std::uint64_t token, Verdict verdict) {
  const Status settled = tryToSettle(host_.call(), token, verdict);
  if (settled || settled.error().code != Errc::kBusy) return;
  // Refused where the instance leaves: its permits then come back with it.
  (void)host_.timers().submit(
      [this, token, verdict](const Call& call) { (void)tryToSettle(call, token, verdict); });
}

Status ResilienceGate::tryToSettle(const Call& call, std::uint64_t token, Verdict verdict) const {
  auto outcome = boundary::sized<revenge_resilience_outcome>();
  outcome.verdict = rawOf(verdict);
  outcome.flags = REVENGE_RESILIENCE_FINAL;  // a request is answered once
  auto next = boundary::sized<RawPermit>();
  return slot_.call(call, [&](const revenge_resilience& table, void* self, const revenge_call* inner,
                              revenge_error* error) {
    return table.settle(self, inner, token, &outcome, 0, &next, error);
  });
}

Status ResilienceGate::health() const {
  Entry entry(host_);
  const bool is_there = entry.enter(host_.call(), slot_.handle()).has_value();
  if (!is_there && is_away_.load(std::memory_order_relaxed))
    return fail(
        Errc::kUnavailable,
        "requests go on without the limits of their pipelines: nobody provides " REVENGE_RESILIENCE_ID);
  const std::scoped_lock lock(mutex_);
  if (missing_.empty()) return {};
  return fail(Errc::kUnavailable,
              fmt::format("requests go on without limits: no pipeline {} of " REVENGE_RESILIENCE_ID,
                          fmt::join(missing_, ", ")));
}

}  // namespace revenge::http_limits
