// Functions of one plugin that others may call: handles of (instance, function, context). No raw function
// pointer of a plugin reaches another. A function is released when its callback is closed and no call of it is in
// progress. Thread safety: any thread. Owned by app, handed to the adapters of the boundary.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <revenge/abi/service.h>

#include "service/handle_table.hpp"
#include "service/instances.hpp"
#include "service/kept_function.hpp"

namespace revenge::service {

class Callbacks {
 public:
  static constexpr std::uint8_t kHandleKind = 1;

  // A callback about to run: entered into its owner, and not released, until this ends.
  class Entered {
   public:
    Entered(Entered&&) noexcept = default;
    Entered& operator=(Entered&&) = delete;
    ~Entered() {
      if (lease_) function_->leave();
    }
    const revenge_function& function() const { return function_->raw(); }
    InstanceRef owner() const { return lease_.instance(); }

   private:
    friend class Callbacks;
    Entered(Lease lease, std::shared_ptr<KeptFunction> function)
        : lease_(std::move(lease)), function_(std::move(function)) {}

    Lease lease_;  // empty: moved from
    std::shared_ptr<KeptFunction> function_;
  };

  explicit Callbacks(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  revenge_handle open(InstanceRef owner, const revenge_function& function);
  // Empty: the callback is closed or its owner gone.
  std::optional<Entered> enter(revenge_handle callback);
  // False: not this owner's, or it has left. A call that is in progress on another thread finishes; none begins after
  // this.
  bool close(InstanceRef owner, revenge_handle callback);
  // Closes all of `owner`; how many it had left open.
  std::size_t withdraw(InstanceRef owner);
  // The same for an owner whose memory is gone already: nothing of it runs.
  std::size_t forget(InstanceRef owner) { return table_.withdraw(owner).size(); }
  std::size_t count(InstanceRef owner) const { return table_.count(owner); }

 private:
  Instances& instances_;
  // Shared with the calls in progress.
  HandleTable<std::shared_ptr<KeptFunction>> table_;
};

}  // namespace revenge::service
