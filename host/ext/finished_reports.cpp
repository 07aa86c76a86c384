#include "ext/finished_reports.hpp"

#include <mutex>
#include <utility>

#include "ext/boundary.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

namespace {

struct Report {
  std::string session;
  std::uint32_t status;
  std::uint64_t bytes;
  bool complete;
};
using Reports = std::shared_ptr<const std::vector<Report>>;

void tell(const revenge_http_listener& listener, service::InstanceRef instance,
          const std::vector<Report>& reports) {
  const revenge_call call = hostCall(instance);
  revenge_error ignored{sizeof(revenge_error), 0, {}};
  for (const Report& report : reports) {
    const revenge_http_finished told{sizeof(revenge_http_finished), report.status,
                                     view(report.session),          report.bytes,
                                     report.complete ? 1U : 0U,     0};
    plugin::guarded("finished listener", ignored, [&] {
      listener.finished(listener.context, &call, &told);
      return revenge_status{REVENGE_OK};
    });
  }
}

}  // namespace

struct FinishedReports::Core {
  service::Domain& domain;
  runtime::Lanes& lanes;
  base::Scheduler& scheduler;
  const service::Facet<Listeners> listeners;

  std::mutex mutex;
  std::map<std::string, std::vector<Report>, std::less<>> waiting;  // by plugin; guarded by mutex
  std::size_t count = 0;                                            // guarded by mutex
  std::mutex telling;                                               // taken before mutex
  bool closed = false;                                              // guarded by telling

  void flush() {
    const std::lock_guard in_turn(telling);
    if (closed) return;
    decltype(waiting) taken;
    {
      const std::lock_guard lock(mutex);
      taken.swap(waiting);
      count = 0;
    }
    const service::ReadGuard guard(domain.generations());
    const Listeners* now = guard.get(listeners);
    if (now == nullptr) return;
    for (auto& [plugin, reports] : taken) {
      const auto found = now->by_plugin.find(plugin);
      if (found == now->by_plugin.end()) continue;
      const Reports shared = std::make_shared<const std::vector<Report>>(std::move(reports));
      for (const Listeners::Entry& entry : found->second) {
        if (entry.listener.finished != nullptr) submit(entry, shared);
      }
    }
  }

  // A plugin whose queue is full loses them, like its other work at that moment.
  void submit(const Listeners::Entry& entry, const Reports& reports) {
    auto lease = std::make_shared<service::Lease>(domain.instances().enter(entry.host->instance));
    if (!*lease) return;
    (void)lanes.submit(entry.host->lane, [lease, reports, listener = entry.listener] {
      tell(listener, lease->instance(), *reports);
    });
  }
};

FinishedReports::FinishedReports(service::Domain& domain, runtime::Lanes& lanes, base::Scheduler& scheduler,
                                 service::Facet<Listeners> listeners)
    : core_(new Core{domain, lanes, scheduler, listeners, {}, {}, 0, {}, false}) {}

FinishedReports::~FinishedReports() {
  const std::lock_guard lock(core_->telling);
  core_->closed = true;
}

void FinishedReports::add(const http::Finished& finished) {
  bool first = false;
  {
    const std::lock_guard lock(core_->mutex);
    if (core_->count == kMaxWaiting) return;
    first = core_->count++ == 0;
    auto at = core_->waiting.find(finished.plugin);
    if (at == core_->waiting.end()) at = core_->waiting.try_emplace(std::string(finished.plugin)).first;
    at->second.push_back(
        {std::string(finished.session), finished.status, finished.bytes_sent, finished.complete});
  }
  if (first) core_->scheduler.after(kGathered, [core = core_] { core->flush(); });
}

}  // namespace revenge::ext
