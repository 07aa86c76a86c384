// What the children share. Thread safety: as its parts; whatever outlives the Processes touches them no more.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/scheduler.hpp"
#include "observe/log.hpp"
#include "process/child_stats.hpp"
#include "process/places.hpp"
#include "process/processes.hpp"
#include "process/warden_link.hpp"
#include "runtime/reactor.hpp"

namespace revenge::process {

struct ProcessesCore {
  ProcessesCore(const Processes::Parts& parts, ProcessOptions given)
      : reactor(parts.reactor),
        scheduler(parts.scheduler),
        metrics(parts.metrics),
        logger(parts.log.logger("process")),
        options(std::move(given)),
        places(options.max_running, options.max_running_per_plugin),
        link(std::make_shared<WardenLink>(reactor, logger, options.warden)) {}

  runtime::Reactor& reactor;
  base::Scheduler& scheduler;
  observe::Metrics& metrics;
  observe::Logger logger;
  const ProcessOptions options;
  Places places;
  std::shared_ptr<WardenLink> link;
};

}  // namespace revenge::process
