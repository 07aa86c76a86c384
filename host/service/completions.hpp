// Completions between plugins: opened by the consumer that waits, accepted and finished by the provider,
// completed exactly once, by whoever is first: the provider, a cancel, the deadline, the provider's leaving,
// the consumer's. Thread safety: any thread. Owned by app, handed to the adapters of the boundary.
//
// Nothing here calls a plugin: every way to the end answers a Due, which the caller runs, on this thread or
// through a lane, when it holds no lock. A Due keeps its owner entered, so a drain of the owner waits for it.
//
// From open() to accept() the consumer's call into the provider is in progress, and its answer in place is the end
// unless the provider accepts. So only what was accepted is ever completed:
//
//                opening                               accepted
//   expire       left; accept() ends it, TIMED_OUT     TIMED_OUT, the provider is told
//   cancelAll    left; accept() ends it, CANCELLED     CANCELLED, the provider is told
//   cancel       closed, nothing runs                  CANCELLED, the provider is told
//   withdraw     closed, nothing runs                  CANCELLED, the provider is told
//   finish       refused                               as the provider says
//   providerLeft not its own                           GONE
//
// The provider's function for being told is released when an accepted one has ended and it was told, or need not be.
//
// What is closed is refused by accept(): the provider then answers in place. Whichever two race for an accepted one,
// the one that takes the entry ends it and the other finds nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <revenge/abi/service.h>

#include "base/clock.hpp"
#include "service/handle_table.hpp"
#include "service/instances.hpp"
#include "service/kept_function.hpp"

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

    Lease owner_;                    // empty: has run
    revenge_completion completion_;  // `complete` is null: the owner's memory is gone
    revenge_status status_;
    Lease provider_;  // empty: it is being destroyed
    revenge_function cancelled_;
    bool provider_knows_ = false;
  };

  explicit Completions(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  // `deadline`: Instant::max() for none. kCancelled: behind cancelAll(); kLimit: too many.
  base::Result<revenge_handle> open(InstanceRef owner, const revenge_completion& completion,
                                    base::Instant deadline);

  struct Accepted {
    bool accepted = false;  // false: closed, or accepted by another
    // It ended meanwhile. Not to be run within the provider's call, which may hold locks of its own.
    std::optional<Due> due{};
  };
  // From here on the completion is `provider`'s to finish; `cancelled` (call may be null) runs when nobody
  // waits any more.
  Accepted accept(InstanceRef provider, revenge_handle handle, const revenge_function& cancelled);

  // By whoever accepted it. Empty: complete already, or not the caller's.
  std::optional<Due> finish(InstanceRef provider, revenge_handle handle, revenge_status status);
  // By the consumer; no Due: it was not accepted. kGone: complete already, or not the caller's.
  base::Result<std::optional<Due>> cancel(InstanceRef owner, revenge_handle handle);

  // REVENGE_TIMED_OUT for all whose deadline is not after `now`.
  std::vector<Due> expire(base::Instant now);
  base::Instant nextDeadline() const;  // Instant::max(): none
  // REVENGE_GONE for what `provider` accepted and did not finish.
  std::vector<Due> providerLeft(InstanceRef provider);
  // REVENGE_CANCELLED for what `owner` waits for, and it begins no wait any more: it leaves.
  std::vector<Due> cancelAll(InstanceRef owner);
  // What `owner` still has; by the lifecycle, before destroy.
  std::vector<Due> withdraw(InstanceRef owner);
  // The same for an owner whose memory is gone already: providers are told, nothing of it runs.
  std::vector<Due> forget(InstanceRef owner);

  std::size_t count(InstanceRef owner) const { return table_.count(owner); }

 private:
  struct Pending {
    revenge_completion completion;
    base::Instant deadline;
    InstanceRef provider;  // none: not accepted
    revenge_function cancelled{};
    revenge_status verdict = REVENGE_OK;  // what accept() ends it with; OK: nothing
  };
  using Table = HandleTable<Pending>;

  static bool isOpening(const Pending& pending) { return !pending.provider; }
  bool leaves(InstanceRef owner) const {
    return leaving_[owner.index & (kMaxInstances - 1)].load() == owner.generation;
  }

  // Of an accepted one. Requires `owner`, and the provider too, entered before the entry is taken: what cannot be entered
  // leaves the entry to withdraw(), and a provider that leaves meanwhile finds it, or is waited for.
  std::optional<Due> end(const Table::Item& item, revenge_status status, Lease owner);
  std::optional<Due> end(const Table::Item& item, revenge_status status) {
    return end(item, status, instances_.enter(item.owner, Pass::kUnderWay));
  }
  template <typename Matches>
  std::vector<Table::Item> those(Matches matches) const;
  // Those not accepted yet get their verdict instead.
  template <typename Matches>
  std::vector<Due> endAll(Matches matches, revenge_status status);

  Instances& instances_;
  Table table_;
  // By index the generation for which cancelAll() was called. Set before the table is looked through, and read after
  // an entry was put into it: a wait that begins meanwhile is found by one of the two.
  std::array<std::atomic<std::uint32_t>, kMaxInstances> leaving_{};
};

}  // namespace revenge::service
