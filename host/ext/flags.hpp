// Adapter of revenge.flags/1 over flags::Flags: evaluations in place, changes told in the lane of the instance.
// Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <revenge/abi/flags.h>

#include "base/scheduler.hpp"
#include "flags/flags.hpp"
#include "plugin/host_record.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class FlagsAdapter {
 public:
  FlagsAdapter(flags::Flags& flags, service::Domain& domain, runtime::Lanes& lanes,
               base::Scheduler& scheduler);
  static const revenge_flags& table();

  // From here on no watch of the instance begins; answers how many there were.
  std::size_t quiesce(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return watches_.count(host.instance); }

 private:
  friend struct FlagsTable;
  struct Watch;
  static constexpr std::uint8_t kHandleKind = 13;
  static constexpr std::size_t kMaxWatches = 1000;  // of one instance

  void tell(const flags::Change& change);
  void arm(const std::shared_ptr<Watch>& watch, base::Duration after);
  void fire(const std::shared_ptr<Watch>& watch);

  flags::Flags& flags_;
  service::Domain& domain_;
  runtime::Lanes& lanes_;
  base::Scheduler& scheduler_;
  service::HandleTable<std::shared_ptr<Watch>> watches_;  // shared with the run that is under way
  flags::Flags::Subscription changes_;                    // last: ends before what it reaches
};

}  // namespace revenge::ext
