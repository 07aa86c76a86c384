// Functions of one plugin that others may call: handles of (instance, function, context). No raw function
// pointer of a plugin reaches another. Thread safety: any thread. Owned by app, handed to the adapters of the
// boundary.
#pragma once

#include <cstdint>
#include <optional>

#include <revenge/abi/service.h>

#include "service/handle_table.hpp"
#include "service/instances.hpp"

namespace revenge::service {

class Callbacks {
 public:
  static constexpr std::uint8_t kHandleKind = 1;

  // A callback about to run: entered into its owner until this ends.
  struct Entered {
    Lease lease;
    revenge_function function;
  };

  explicit Callbacks(Instances& instances) : instances_(instances), table_(kHandleKind) {}

  revenge_handle open(InstanceRef owner, const revenge_function& function);
  // Empty: the callback is closed or its owner gone.
  std::optional<Entered> enter(revenge_handle callback);
  // False: not this owner's. A call that is in progress on another thread finishes; none begins after this.
  bool close(InstanceRef owner, revenge_handle callback);
  // Closes all of `owner`; how many it had left open.
  std::size_t withdraw(InstanceRef owner) { return table_.withdraw(owner).size(); }
  std::size_t count(InstanceRef owner) const { return table_.count(owner); }

 private:
  Instances& instances_;
  HandleTable<revenge_function> table_;
};

}  // namespace revenge::service
