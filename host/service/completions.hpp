// Completions between plugins: opened by the consumer that waits, accepted and finished by the provider,
// completed exactly once, by whoever is first: the provider, a cancel, the deadline, the provider's leaving,
// the consumer's. Thread safety: any thread. Owned by app, handed to the adapters of the boundary.
//
// Nothing here calls a plugin: every way to the end answers a Due, which the caller runs, on this thread or
// through a lane, when it holds no lock. A Due keeps its owner entered, so a drain of the owner waits for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <revenge/abi/service.h>

#include "base/clock.hpp"
#include "service/handle_table.hpp"
#include "service/instances.hpp"

namespace revenge::service {

class Completions {
 public:
  static constexpr std::uint8_t kHandleKind = 2;

  // A completion that has ended and whose callback has to run: once, by run(). `result` and `error` are
  // borrowed until run() returns; a Due that goes to another thread carries copies.
  class [[nodiscard]] Due {
   public:
    void run(revenge_view result = {}, const revenge_error* error = nullptr);
    revenge_status status() const { return status_; }
    InstanceRef owner() const { return lease_.instance(); }

   private:
    friend class Completions;
    Due(Lease lease, const revenge_completion& completion, revenge_status status)
        : lease_(std::move(lease)), completion_(completion), status_(status) {}

    Lease lease_;
    revenge_completion completion_;
    revenge_status status_;
    // Told to the provider before the consumer, when it accepted and somebody else ended the wait.
    Lease provider_;
    revenge_function cancelled_{};
  };

  explicit Completions(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  // `deadline`: Instant::max() for none.
  revenge_handle open(InstanceRef owner, const revenge_completion& completion, base::Instant deadline);
  // From here on the completion is `provider`'s to finish; `cancelled` (call may be null) runs when nobody
  // waits any more. False: already complete, or accepted by another.
  bool accept(InstanceRef provider, revenge_handle handle, const revenge_function& cancelled);

  // By whoever accepted it. Empty: complete already, or not the caller's.
  std::optional<Due> finish(InstanceRef provider, revenge_handle handle, revenge_status status);
  // By the consumer. One that was not accepted (the provider answered in place) is closed and nothing runs.
  std::optional<Due> cancel(InstanceRef owner, revenge_handle handle);

  // REVENGE_TIMED_OUT for all whose deadline is not after `now`.
  std::vector<Due> expire(base::Instant now);
  base::Instant nextDeadline() const;  // Instant::max(): none
  // REVENGE_GONE for what `provider` accepted and did not finish.
  std::vector<Due> providerLeft(InstanceRef provider);
  // REVENGE_CANCELLED for what `owner` still waits for; by the lifecycle, before destroy.
  std::vector<Due> withdraw(InstanceRef owner);

  std::size_t count(InstanceRef owner) const { return table_.count(owner); }

 private:
  struct Pending {
    revenge_completion completion;
    base::Instant deadline;
    InstanceRef provider;  // none: not accepted
    revenge_function cancelled;
  };
  using Table = HandleTable<Pending>;

  Instances& instances_;
  Table table_;
};

}  // namespace revenge::service
