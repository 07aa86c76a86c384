// Adapter of revenge.timer/1: timers on the host's scheduler, run in the lane of the instance, and worker jobs.
// Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/timer.h>

#include "base/scheduler.hpp"
#include "plugin/host_record.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class TimerAdapter {
 public:
  TimerAdapter(service::Domain& domain, runtime::Lanes& lanes, base::Scheduler& scheduler)
      : domain_(domain), lanes_(lanes), scheduler_(scheduler), timers_(kHandleKind) {}
  static const revenge_timer& table();

  // From here on none begins; answers how many there were.
  std::size_t quiesce(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return timers_.count(host.instance); }

 private:
  friend struct TimerTable;
  struct Timer;
  static constexpr std::uint8_t kHandleKind = 12;
  static constexpr std::size_t kMaxTimers = 10'000;  // of one instance

  void arm(const std::shared_ptr<Timer>& timer, base::Duration after);
  void fire(const std::shared_ptr<Timer>& timer);

  service::Domain& domain_;
  runtime::Lanes& lanes_;
  base::Scheduler& scheduler_;
  service::HandleTable<std::shared_ptr<Timer>> timers_;  // shared with the firing that is under way
};

}  // namespace revenge::ext
