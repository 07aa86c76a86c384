// Adapter of revenge.spawn/1 over runtime's Spawner and Shutdown. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/spawn.h>

#include "base/clock.hpp"
#include "base/scheduler.hpp"
#include "plugin/host_record.hpp"
#include "runtime/shutdown.hpp"
#include "runtime/spawner.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class SpawnAdapter {
 public:
  SpawnAdapter(const base::Clock& clock, service::Domain& domain, runtime::Spawner& spawner,
               runtime::Shutdown& shutdown)
      : clock_(clock),
        domain_(domain),
        spawner_(spawner),
        shutdown_(shutdown),
        threads_(kThreadKind),
        hooks_(kHookKind) {}
  static const revenge_spawn& table();

  // Asks every thread of the instance to stop and takes its shutdown hooks back.
  void pause(const revenge_host& host);  // asks its threads to stop
  void quiesce(const revenge_host& host);
  // Names of the threads that still run at the deadline.
  std::vector<std::string> join(const revenge_host& host, base::Instant deadline);
  std::size_t count(const revenge_host& host) const { return threads_.count(host.instance); }

 private:
  friend struct SpawnTable;
  struct Thread;
  static constexpr std::uint8_t kThreadKind = 13;
  static constexpr std::uint8_t kHookKind = 14;

  const base::Clock& clock_;
  service::Domain& domain_;
  runtime::Spawner& spawner_;
  runtime::Shutdown& shutdown_;
  service::HandleTable<std::shared_ptr<Thread>> threads_;  // shared with the thread's own body
  service::HandleTable<runtime::HookId> hooks_;
};

}  // namespace revenge::ext
