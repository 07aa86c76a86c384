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

  // A completion that has ended and whose callback has to run: once, by run() or, without a result, when this
  // is destroyed. `result` and `error` are borrowed until run() returns.
  class [[nodiscard]] Due {
   public:
    Due(Due&&) noexcept = default;
    Due& operator=(Due&&) = delete;
    ~Due() { run(); }

    void run(revenge_view result = {}, const revenge_error* error = nullptr);
    revenge_status status() const { return status_; }
    InstanceRef owner() const { return owner_.instance(); }

   private:
    friend class Completions;
    Due(Lease owner, const revenge_completion& completion, revenge_status status, Lease provider,
        const revenge_function& cancelled)
        : owner_(std::move(owner)),
          completion_(completion),
          status_(status),
          provider_(std::move(provider)),
          cancelled_(cancelled) {}
    void tellProvider();

    Lease owner_;  // empty: has run
    revenge_completion completion_;
    revenge_status status_;
    Lease provider_;  // set when somebody else ended what this one had accepted
    revenge_function cancelled_;
  };

  explicit Completions(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  // `deadline`: Instant::max() for none.
  revenge_handle open(InstanceRef owner, const revenge_completion& completion, base::Instant deadline);
  // From here on the completion is `provider`'s to finish; `cancelled` (call may be null) runs when nobody
  // waits any more. False: already complete, or accepted by another.
  bool accept(InstanceRef provider, revenge_handle handle, const revenge_function& cancelled);

  // By whoever accepted it; a function of the host finishes as instance "none" without accepting. Empty:
  // complete already, or not the caller's.
  std::optional<Due> finish(InstanceRef provider, revenge_handle handle, revenge_status status);
  // By the consumer. One that was not accepted (the provider answered in place) is closed: no Due, nothing
  // runs. kGone: complete already, or not the caller's.
  base::Result<std::optional<Due>> cancel(InstanceRef owner, revenge_handle handle);

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

  // Enters the owner before it takes the entry: when the owner cannot be entered the entry stays for
  // withdraw(), so that nothing is lost between a shut door and the lifecycle.
  std::optional<Due> end(const Table::Item& item, revenge_status status, Pass pass = Pass::kUnderWay);
  Due due(Lease owner, const Table::Item& taken, revenge_status status);
  template <typename Matches>
  std::vector<Due> endAll(Matches matches, revenge_status status, Pass pass);

  Instances& instances_;
  Table table_;
};

}  // namespace revenge::service
