// Adapter of revenge.events/1 over observe::EventStream: what plugins publish joins the host's own events, and each
// subscription is told in the lane of its instance, one event at a time. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <revenge/abi/events.h>

#include "base/scheduler.hpp"
#include "observe/events.hpp"
#include "plugin/capabilities.hpp"
#include "plugin/host_record.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class EventsAdapter {
 public:
  EventsAdapter(observe::EventStream& events, service::Domain& domain, runtime::Lanes& lanes,
                base::Scheduler& scheduler)
      : events_(events), domain_(domain), lanes_(lanes), scheduler_(scheduler), subscriptions_(kHandleKind) {}
  static const revenge_events& table();

  // Who will be visible, and that they are now: those are told from here on, the instances before them no more.
  void contribute(const plugin::Scene& scene);
  void published();

  // From here on the instance is told nothing; answers how many subscriptions there were.
  std::size_t quiesce(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return subscriptions_.count(host.instance); }

 private:
  friend struct EventsTable;
  struct Subscription;
  using Shared = std::shared_ptr<Subscription>;  // with the run that is under way
  static constexpr std::uint8_t kHandleKind = 14;
  static constexpr std::size_t kMaxSubscriptions = 100;  // of one instance
  static constexpr std::size_t kInOneRun = 64;           // then others of the lane have their turn

  void show(const Shared& made);
  void wake(const Shared& subscription);
  void arm(const Shared& subscription, base::Duration after);
  void fire(const Shared& subscription);
  bool tellNext(Subscription& subscription);
  bool isVisible(const revenge_host& host) const;

  observe::EventStream& events_;
  service::Domain& domain_;
  runtime::Lanes& lanes_;
  base::Scheduler& scheduler_;
  service::HandleTable<Shared> subscriptions_;
  mutable std::mutex mutex_;
  std::vector<const revenge_host*> next_;     // guarded by mutex_
  std::vector<const revenge_host*> visible_;  // guarded by mutex_
};

}  // namespace revenge::ext
