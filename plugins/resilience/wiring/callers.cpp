#include "wiring/callers.hpp"

#include <memory>
#include <vector>

namespace revenge::resilience {

void Callers::meet(std::uint64_t caller) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (leases_.contains(caller)) {
      placeOf(caller).store(caller, std::memory_order_release);
      return;
    }
    number = next_++;
  }
  auto call = *host_.call().raw();
  call.caller = caller;
  const auto lease =
      host_.services().lend(revenge::Call(host_, &call), std::make_unique<Watch>(*this, caller, number));
  if (!lease) return;  // this instance is going away
  {
    const std::lock_guard lock(mutex_);
    if (leases_.try_emplace(caller, Lent{*lease, number}).second) {
      placeOf(caller).store(caller, std::memory_order_release);
      return;
    }
  }
  LeaseRegistration(host_, *lease).end();  // another thread of the caller was first
}

// Of a lease that keep() has ended, nothing is known by then, or there is another.
void Callers::ended(const Watch& watch) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto known = leases_.find(watch.caller);
    if (known == leases_.end() || known->second.number != watch.number) return;
    leases_.erase(known);
    forget(watch.caller);
  }
  lost_(watch.caller);
}

void Callers::forget(std::uint64_t caller) noexcept {
  placeOf(caller).compare_exchange_strong(caller, 0, std::memory_order_acq_rel);
}

void Callers::keep(const std::set<std::uint64_t>& holders) {
  std::vector<revenge_handle> ending;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(leases_, [&](const auto& known) {
      if (holders.contains(known.first)) return false;
      ending.push_back(known.second.lease);
      forget(known.first);
      return true;
    });
  }
  for (const revenge_handle lease : ending) LeaseRegistration(host_, lease).end();
}

}  // namespace revenge::resilience
