#include "service/callbacks.hpp"

namespace revenge::service {

revenge_handle Callbacks::open(InstanceRef owner, const revenge_function& function) {
  return table_.add(owner, std::make_shared<KeptFunction>(function));
}

std::optional<Callbacks::Entered> Callbacks::enter(revenge_handle callback) {
  auto seen = table_.find(callback);
  if (!seen) return std::nullopt;
  Lease lease = instances_.enter(seen->owner, Pass::kUnderWay);
  // Between the two it may have been closed, and its context freed.
  if (!lease || !seen->value->enter()) return std::nullopt;
  return Entered(std::move(lease), std::move(seen->value));
}

bool Callbacks::close(InstanceRef owner, revenge_handle callback) {
  const Lease lease = instances_.enter(owner, Pass::kUnderWay);
  const auto taken = lease ? table_.take(callback, owner) : std::nullopt;
  if (taken) taken->value->leave();
  return taken.has_value();
}

std::size_t Callbacks::withdraw(InstanceRef owner) {
  const Lease lease = instances_.enter(owner, Pass::kLifecycle);
  const auto left = table_.withdraw(owner);
  for (const auto& each : left) each.value->leave();
  return left.size();
}

}  // namespace revenge::service
