// Gatekeeper: the middleware. Each request is decided on where it arrives, on the connection's thread; what waits for a place
// waits without a thread. Thread safety: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <revenge/plugin.hpp>

#include "limits/decision.hpp"
#include "limits/settings.hpp"
#include "wiring/held_permits.hpp"
#include "wiring/queues.hpp"
#include "wiring/refusal_log.hpp"
#include "wiring/resilience_gate.hpp"

namespace revenge::http_limits {

class Gatekeeper {
 public:
  // Registers with the host, which enters it from the publication of the instance on.
  Gatekeeper(Host& host, const HashSecret& secret);
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;

  // One at a time; requests that are being decided on go on by the policy they began with.
  void use(const Settings& settings);
  // With the secret of the version before, so that what API keys are counted by stays. Before the first request.
  void resume(const HashSecret& secret, const std::vector<Queues::Level>& levels);

  // Gives back what requests under way hold. From then on none is held: what is granted to those that wait is given back at
  // once.
  void letGo();
  void hold() { held_.open(); }

  const Policy& policy() const { return *policy_.load(std::memory_order_acquire); }
  const Tally& tally() const { return tally_; }
  Queues& queues() { return queues_; }
  const ResilienceGate& gate() const { return gate_; }
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::size_t permits() const { return held_.count(); }
  Instant now() const { return clock_.now(); }

 private:
  // What of a decision is still needed when the gate has answered.
  struct Waiting {
    const Policy& policy;
    const Rule& rule;
    std::uint64_t queue;
    Instant deadline;
    ClientKey key;
  };

  Result<std::optional<Response>> before(const Request& request);
  Status wait(const Request& request, const Policy& policy, const Decision& decision);
  Task<void> letIn(Resumer resumer, revenge_http_request raw, Waiting waiting);
  Task<GateAnswer> answerFor(Resumer& resumer, const Waiting& waiting);
  std::optional<Response> carriedOut(const Request& request, const Decision& decision);
  void admit(const Request& request, const Decision& decision);
  static void limit(const Request& request, const Decision& decision);
  void ended(const Ended& end);

  Host& host_;
  const Clock clock_;
  HashSecret secret_;
  Queues queues_;
  Tally tally_;
  HeldPermits held_;
  ResilienceGate gate_;
  RefusalLog log_;
  std::atomic<std::size_t> waiting_ = 0;
  std::vector<std::unique_ptr<const Policy>> policies_;  // each until the end: requests refer to its rules
  std::atomic<const Policy*> policy_ = nullptr;
};

}  // namespace revenge::http_limits
