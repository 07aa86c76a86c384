#include "service/callbacks.hpp"

namespace revenge::service {

revenge_handle Callbacks::open(InstanceRef owner, const revenge_function& function) {
  return table_.add(owner, function);
}

std::optional<Callbacks::Entered> Callbacks::enter(revenge_handle callback) {
  const auto seen = table_.find(callback);
  if (!seen) return std::nullopt;
  Lease lease = instances_.enter(seen->owner, Pass::kUnderWay);
  // Looked up again: between the two it may have been closed, and its context freed.
  const auto item = lease ? table_.find(callback) : std::nullopt;
  if (!item) return std::nullopt;
  return Entered{std::move(lease), item->value};
}

bool Callbacks::close(InstanceRef owner, revenge_handle callback) {
  return table_.take(callback, owner).has_value();
}

}  // namespace revenge::service
