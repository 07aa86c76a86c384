// Adapter of revenge.service/1 over room service: what instances provide and require, and the handles between them.
// Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
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
#include "service/publications.hpp"

namespace revenge::ext {

struct Ties;

class ServiceAdapter {
 public:
  // `io`: where completions end whose deadline has passed.
  ServiceAdapter(service::Domain& domain, base::Scheduler& scheduler, std::shared_ptr<base::Executor> io)
      : domain_(domain),
        scheduler_(scheduler),
        io_(std::move(io)),
        callbacks_(domain.instances()),
        completions_(domain.instances()),
        leases_(domain.instances()) {}
  static const revenge_service& table();

  void open(const revenge_host& host);
  // Binds all slots as the scene says; those that lead to a held instance lead nowhere, and their callers to the gate.
  void contribute(service::GenerationBuilder& next, const plugin::Scene& scene);
  void published();
  // What the instance waits for ends as cancelled, on an I/O thread; how many.
  std::size_t cancelWaits(const revenge_host& host);
  std::vector<std::string> withdraw(const revenge_host& host);
  std::vector<std::string> holders(const revenge_host& host) const;
  std::size_t count(const revenge_host& host) const;  // interfaces provided

 private:
  friend struct ServiceTable;

  std::string interfaceOf(service::SlotRef slot) const;
  // What `issuer` offers under the interface that `consumer`'s slot is for; null table: nothing.
  service::Provider providerFor(service::SlotRef slot, service::InstanceRef issuer) const;

  // A slot that leads nowhere: its provider is held, or away.
  revenge_status enterSlowly(const revenge_call* call, service::SlotRef slot, revenge_entry& entry,
                             revenge_error* error);

  void expireAt(base::Instant deadline);
  void runOnIo(service::Completions::Due due);

  service::Domain& domain_;
  base::Scheduler& scheduler_;
  const std::shared_ptr<base::Executor> io_;
  service::Callbacks callbacks_;
  service::Completions completions_;
  service::LeaseHandles leases_;
  service::Tokens tokens_;
  // Of plugins, by index of their instances: host records are never freed.
  std::array<std::atomic<const std::string*>, service::kMaxInstances> names_{};
  mutable std::mutex mutex_;
  service::Directory directory_;  // guarded by mutex_
  // The scene as it was contributed last and as it runs; guarded by mutex_.
  struct Seen {
    service::Directory directory;
    std::vector<service::InstanceRef> held;
  };
  std::shared_ptr<const Seen> next_;
  std::shared_ptr<const Seen> seen_ = std::make_shared<const Seen>();
  service::Publications publications_;
  struct Opened {
    service::InterfaceId interface;
    service::InstanceRef consumer;
    base::Duration patience;  // with an absent provider
  };
  std::map<service::SlotRef, Opened> slots_;  // guarded by mutex_
  // A gate is bounded by the swap that closed it; this only guards against one that is never opened.
  static constexpr base::Duration kGatePatience = std::chrono::seconds(30);
};

}  // namespace revenge::ext
