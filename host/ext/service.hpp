// Adapter of revenge.service/1 over room service: what instances provide and require, and the handles between them.
// Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <revenge/abi/service.h>

#include "base/clock.hpp"
#include "base/scheduler.hpp"
#include "plugin/capabilities.hpp"
#include "runtime/lanes.hpp"
#include "service/callbacks.hpp"
#include "service/completions.hpp"
#include "service/directory.hpp"
#include "service/domain.hpp"
#include "service/lease_handles.hpp"

namespace revenge::ext {

class ServiceAdapter {
 public:
  ServiceAdapter(service::Domain& domain, runtime::Lanes& lanes, base::Scheduler& scheduler)
      : domain_(domain),
        lanes_(lanes),
        scheduler_(scheduler),
        callbacks_(domain.instances()),
        completions_(domain.instances()),
        leases_(domain.instances()) {}
  static const revenge_service& table();

  void open(const revenge_host& host);
  // Binds all slots for a generation in which exactly `visible` serve.
  base::Result<> contribute(service::GenerationBuilder& next, std::span<const revenge_host* const> visible);
  std::vector<std::string> withdraw(const revenge_host& host);
  std::vector<std::string> holders(const revenge_host& host) const;
  std::size_t count(const revenge_host& host) const;  // interfaces provided

 private:
  friend struct ServiceTable;

  // What `issuer` offers under the interface that `consumer`'s slot is for; null table: nothing.
  service::Provider providerFor(service::SlotRef slot, service::InstanceRef issuer) const;

  void expireAt(base::Instant deadline, runtime::LaneId lane);

  service::Domain& domain_;
  runtime::Lanes& lanes_;
  base::Scheduler& scheduler_;
  service::Callbacks callbacks_;
  service::Completions completions_;
  service::LeaseHandles leases_;
  service::Tokens tokens_;
  mutable std::mutex mutex_;
  service::Directory directory_;  // guarded by mutex_
  std::map<service::SlotRef, std::pair<service::InterfaceId, service::InstanceRef>>
      slots_;  // with their consumer; guarded by mutex_
};

}  // namespace revenge::ext
