#include "service/lease_handles.hpp"

namespace revenge::service {

void LeaseHandles::Ended::run() {
  if (!lease_) return;
  leased_.ended(leased_.object);
  lease_.end();
}

revenge_handle LeaseHandles::open(InstanceRef issuer, InstanceRef holder, const revenge_leased& leased) {
  Lease lease = instances_.enter(issuer, Pass::kUnderWay);
  if (!lease) return 0;
  lease.makeLasting();
  return table_.add(holder, {std::make_shared<Lease>(std::move(lease)), issuer, leased});
}

Lease LeaseHandles::enter(InstanceRef holder, revenge_handle lease) {
  const auto issued = table_.find(lease, holder);
  return issued ? instances_.enter(issued->issuer, Pass::kUnderWay) : Lease();
}

void* LeaseHandles::object(InstanceRef issuer, revenge_handle lease) const {
  const auto item = table_.find(lease);
  return item && item->value.issuer == issuer ? item->value.leased.object : nullptr;
}

std::optional<LeaseHandles::Ended> LeaseHandles::close(InstanceRef either, revenge_handle lease) {
  const auto seen = table_.find(lease);
  if (!seen || (seen->owner != either && seen->value.issuer != either)) return std::nullopt;
  auto item = table_.take(lease);
  if (!item) return std::nullopt;
  return Ended(std::move(*item->value.lease), item->value.leased);
}

std::vector<LeaseHandles::Ended> LeaseHandles::withdraw(InstanceRef instance) {
  std::vector<revenge_handle> found;
  table_.forEach([&](revenge_handle handle, InstanceRef holder, const Issued& issued) {
    if (holder == instance || issued.issuer == instance) found.push_back(handle);
  });
  std::vector<Ended> ended;
  for (const revenge_handle handle : found) {
    if (auto end = close(instance, handle)) ended.push_back(std::move(*end));
  }
  return ended;
}

}  // namespace revenge::service
