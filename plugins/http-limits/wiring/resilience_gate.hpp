// ResilienceGate: the limits that rules name, as pipelines of whoever provides revenge.resilience/1 now. By the C table, since
// what a refusal says of quota and wait is what clients are told. Thread safety: any thread.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <revenge/plugin.hpp>
#include <revenge/resilience.hpp>

#include "limits/gate.hpp"

namespace revenge::http_limits {

enum class Verdict : std::uint8_t { kSuccess, kFailure, kIgnored };

// How a wait for the gate ends before its answer: its client has left.
class WaitEnd {
 public:
  explicit WaitEnd(const Host& host) : host_(host) {}
  void arm(revenge_handle completion);
  void cancel();

 private:
  const Host& host_;
  std::mutex mutex_;
  revenge_handle completion_ = 0;
  bool cancelled_ = false;
};

class ResilienceGate {
 public:
  explicit ResilienceGate(Host& host) : host_(host), slot_(host.services().require<revenge_resilience>()) {}
  ResilienceGate(const ResilienceGate&) = delete;
  ResilienceGate& operator=(const ResilienceGate&) = delete;

  // At once: kLater where it would have to wait.
  GateAnswer ask(const Call& call, const GateRequest& request);

  // `co_await`: the answer when it comes. kLater: to be asked again, on a thread that may block.
  class Later;
  Later later(const Call& call, const GateRequest& request, std::shared_ptr<WaitEnd> end);

  // Never waits; where the provider is just being replaced, it is done by a worker.
  void settle(std::uint64_t token, Verdict verdict);

  // Whether somebody provides the interface, and each of the pipelines that were asked for.
  Status health() const;

 private:
  GateAnswer answerTo(std::string_view pipeline, revenge_status status,
                      const revenge_resilience_permit& permit);
  GateAnswer unanswered(const Status& entered);
  Status tryToSettle(const Call& call, std::uint64_t token, Verdict verdict) const;
  void remember(std::string_view pipeline, bool is_there);

  Host& host_;
  const Slot<revenge_resilience> slot_;
  std::atomic<bool> is_away_ = false;  // when it was last asked
  std::atomic<std::size_t> missing_count_ = 0;
  mutable std::mutex mutex_;  // below
  std::set<std::string, std::less<>> missing_;
};

class [[nodiscard]] ResilienceGate::Later {
 public:
  Later(ResilienceGate& gate, const Call& call, const GateRequest& request, std::shared_ptr<WaitEnd> end)
      : gate_(gate), call_(call), request_(request), end_(std::move(end)) {}
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting);
  GateAnswer await_resume() const { return answer_; }

 private:
  static void complete(void* context, revenge_status status, revenge_view result, const revenge_error*);

  ResilienceGate& gate_;
  const Call call_;
  const GateRequest request_;
  std::shared_ptr<WaitEnd> end_;  // shared: with the watch of the client
  std::coroutine_handle<> waiting_;
  GateAnswer answer_;
};

inline ResilienceGate::Later ResilienceGate::later(const Call& call, const GateRequest& request,
                                                   std::shared_ptr<WaitEnd> end) {
  return {*this, call, request, std::move(end)};
}

}  // namespace revenge::http_limits
