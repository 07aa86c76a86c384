// Lease handles, what a provider hands out and wants back (a transaction, a cursor, a stream), and tokens.
// A lease handle keeps its issuer entered, belongs to one holder, and ends by the holder, the issuer, or when
// either is withdrawn. Thread safety: any thread. Owned by app, handed to the adapters of the boundary.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <revenge/abi/service.h>

#include "service/handle_table.hpp"
#include "service/instances.hpp"

namespace revenge::service {

class LeaseHandles {
 public:
  static constexpr std::uint8_t kHandleKind = 3;

  // A lease that has ended: run(), or the destructor, tells the issuer, entered into it. With no lock held.
  class [[nodiscard]] Ended {
   public:
    Ended(Ended&&) noexcept = default;
    Ended& operator=(Ended&&) = delete;
    ~Ended() { run(); }

    void run();
    InstanceRef issuer() const { return lease_.instance(); }

   private:
    friend class LeaseHandles;
    Ended(Lease lease, const revenge_leased& leased) : lease_(std::move(lease)), leased_(leased) {}

    Lease lease_;  // empty: has run
    revenge_leased leased_;
  };

  explicit LeaseHandles(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  // By the issuer, inside a call of the holder. 0: the issuer is gone.
  revenge_handle open(InstanceRef issuer, InstanceRef holder, const revenge_leased& leased);
  // The issuer, entered for a call by the holder; empty when the lease has ended or is not the holder's.
  Lease enter(InstanceRef holder, revenge_handle lease);
  // What the issuer keeps behind it; null when it has ended or is not the issuer's.
  void* object(InstanceRef issuer, revenge_handle lease) const;
  // By holder or issuer. Empty: ended already, or neither's.
  std::optional<Ended> close(InstanceRef either, revenge_handle lease);
  // All that `instance` holds or has issued.
  std::vector<Ended> withdraw(InstanceRef instance);

  std::size_t heldBy(InstanceRef holder) const { return table_.count(holder); }

 private:
  struct Issued {
    std::shared_ptr<Lease> lease;  // shared only because the table hands out copies; the entry owns it
    InstanceRef issuer;
    revenge_leased leased;
  };

  Instances& instances_;
  HandleTable<Issued> table_;
};

// Numbers that were never given before in this run; what one means is the provider's state, and moves with
// it.
class Tokens {
 public:
  revenge_token next() { return next_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<revenge_token> next_{1};
};

}  // namespace revenge::service
