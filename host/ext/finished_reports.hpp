// How responses ended, told to the plugins that listen: gathered for a moment, so that a busy plugin's worker wakes
// for many ends at once and not for each. Told to the instance that serves then. Thread safety: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/http.h>

#include "base/scheduler.hpp"
#include "http/response.hpp"
#include "plugin/host_record.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"

namespace revenge::ext {

// Who is told: by plugin id, the listeners of the instance that serves. A facet of the generation.
struct Listeners {
  struct Entry {
    const revenge_host* host;
    revenge_http_listener listener;
  };
  std::map<std::string, std::vector<Entry>, std::less<>> by_plugin;
};

class FinishedReports {
 public:
  static constexpr base::Duration kGathered = std::chrono::milliseconds(20);
  static constexpr std::size_t kMaxWaiting = 65'536;  // what comes beyond is lost, like work for a full lane

  // All outlive this object.
  FinishedReports(service::Domain& domain, runtime::Lanes& lanes, base::Scheduler& scheduler,
                  service::Facet<Listeners> listeners);
  ~FinishedReports();  // waits for a telling in progress; what still waits is lost
  FinishedReports(const FinishedReports&) = delete;
  FinishedReports& operator=(const FinishedReports&) = delete;

  // On an I/O thread; does not block.
  void add(const http::Finished& finished);

 private:
  struct Core;
  std::shared_ptr<Core> core_;  // shared with the timer under way
};

}  // namespace revenge::ext
