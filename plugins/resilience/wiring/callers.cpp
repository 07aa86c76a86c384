#include "wiring/callers.hpp"

#include <memory>
#include <vector>

namespace revenge::resilience {

// One that takes the place of another begins as one that has called.
void Callers::remember(std::uint64_t caller) noexcept {
  Place& place = placeOf(caller);
  place.has_called.store(true, std::memory_order_relaxed);
  place.caller.store(caller, std::memory_order_release);
}

void Callers::meet(std::uint64_t caller) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (leases_.contains(caller)) {
      remember(caller);
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
      remember(caller);
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
  placeOf(caller).caller.compare_exchange_strong(caller, 0, std::memory_order_acq_rel);
}

template <class Kept>
void Callers::endUnless(Kept kept) {
  std::vector<revenge_handle> ending;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(leases_, [&](const auto& known) {
      if (kept(known.first)) return false;
      ending.push_back(known.second.lease);
      forget(known.first);
      return true;
    });
  }
  for (const revenge_handle lease : ending) LeaseRegistration(host_, lease).end();
}

void Callers::keep(const std::set<std::uint64_t>& holders) {
  endUnless([&](std::uint64_t caller) {
    Place& place = placeOf(caller);
    const bool is_here = place.caller.load(std::memory_order_relaxed) == caller;
    const bool has_called = is_here && place.has_called.exchange(false, std::memory_order_relaxed);
    return has_called || holders.contains(caller);
  });
}

void Callers::keepNone() {
  endUnless([](std::uint64_t) { return false; });
}

}  // namespace revenge::resilience
