// What becomes of a request: it goes on, with a permit, a deadline and what the client is told of its quota; or it is
// answered here. Order: sizes, deadline, exemptions, load, gate; the cheap first, and a request that is shed takes nothing
// from its client's quota. Thread safety: Admission from any thread; a Decision belongs to its request.
#pragma once

#include <optional>

#include "limits/answer.hpp"
#include "limits/client_key.hpp"
#include "limits/codel.hpp"
#include "limits/gate.hpp"
#include "limits/policy.hpp"
#include "limits/request_view.hpp"
#include "limits/tally.hpp"

namespace revenge::http_limits {

// Some two kilobytes, made on the stack of whoever asks: nothing is allocated.
struct Decision {
  Decision() = default;
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;

  bool admitted = true;
  bool exempt = false;
  bool waits = false;  // for the gate: conclude() decides
  std::optional<Refusal>
      refusal;  // why it is refused; with `admitted`, what a dry run would have refused it for first
  const Rule* rule = nullptr;  // lives as long as the policy
  Client client;
  ClientKey key;  // what the gate counted by; empty: it was not asked
  Permit permit;  // to be settled with the gate when the request ends, whatever its end
  Instant deadline = kNever;
  std::int64_t max_body_bytes = 0;  // for whoever reads a body of unknown length
  Answer answer;                    // admitted: only the RateLimit fields
};

class Admission {
 public:
  // All of them live longer. `codel` and `tally` stay when the policy is replaced.
  Admission(const Policy& policy, Codel& codel, Gate& gate, Tally& tally)
      : policy_(policy), codel_(codel), gate_(gate), tally_(tally) {}

  // Requires: `decision` is new.
  void decide(const RequestView& request, Instant now, Decision& decision) const;
  // With what the gate has answered at last. Requires: `decision` has the rule of the one that waits.
  void conclude(const GateAnswer& answer, Decision& decision) const;

 private:
  struct Reason {
    Refusal refusal;
    Duration retry_after{};
    Quota quota{};
    Measured measured{};
  };
  std::optional<Reason> tooLarge(const RequestView& request, const HeaderFacts& facts,
                                 const Rule& rule) const;
  Asker askerOf(const RequestView& request, const HeaderFacts& facts, Address client) const;
  bool isExempt(const RequestView& request, const Asker& asker, const Decision& decision) const;
  bool passesLoad(const RequestView& request, Instant now, Decision& decision) const;
  void passGate(const Asker& asker, Instant now, Decision& decision) const;
  // False: it is refused; true: it was to be, but the rule only counts.
  bool goesOn(const Reason& reason, Decision& decision) const;

  const Policy& policy_;
  Codel& codel_;
  Gate& gate_;
  Tally& tally_;
};

}  // namespace revenge::http_limits
