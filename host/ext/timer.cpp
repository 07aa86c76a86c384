#include "ext/timer.hpp"

#include <mutex>
#include <utility>

#include "ext/bundle.hpp"
#include "ext/one_way.hpp"

namespace revenge::ext {

struct TimerAdapter::Timer {
  const revenge_host& host;
  revenge_job job;
  base::Duration period;
  std::shared_ptr<base::Executor> lane;
  revenge_handle handle = 0;

  std::mutex mutex;
  base::TimerId armed = base::TimerId::kNone;  // guarded by mutex
  bool running = false;                        // guarded by mutex
  bool cancelled = false;                      // guarded by mutex
};

namespace {

constexpr base::Duration kHeldAgain = std::chrono::milliseconds(2);  // a gate is held for some milliseconds

void runJob(const revenge_host& host, const revenge_job& job, const revenge_call& call) {
  callOneWay(host, "timer or job", [&] { job.run(job.context, &call); });
}

// The origin of a call, copied for a job that outlives the request's frame.
struct CarriedCall {
  CarriedCall(service::InstanceRef into, const revenge_call* from) : call(hostCall(into)) {
    if (from == nullptr) return;
    call.deadline_ns = from->deadline_ns;
    if (from->origin == nullptr) return;
    request_id = string(from->origin->request_id);
    user_key = string(from->origin->user_key);
    origin = *from->origin;
  }
  // The views point into this object, so they are set where it has come to rest.
  const revenge_call& settled() {
    if (origin.size == 0) return call;
    origin.request_id = view(request_id);
    origin.user_key = view(user_key);
    call.origin = &origin;
    return call;
  }

  std::string request_id;
  std::string user_key;
  revenge_origin origin{};
  revenge_call call;
};

}  // namespace

void TimerAdapter::arm(const std::shared_ptr<Timer>& timer, base::Duration after) {
  const std::lock_guard lock(timer->mutex);
  if (timer->cancelled) return;
  timer->armed = scheduler_.after(after, [this, timer] { fire(timer); }, timer->lane);
}

void TimerAdapter::fire(const std::shared_ptr<Timer>& timer) {
  {
    const std::lock_guard lock(timer->mutex);
    if (timer->cancelled) return;
    timer->running = true;
  }
  bool held = false;
  if (const auto inside = domain_.instances().enter(timer->host.instance)) {
    // Looked at behind the entry: whoever closes the gate waits for the calls it still finds.
    held = timer->host.held.load(std::memory_order_seq_cst);
    if (!held) runJob(timer->host, timer->job, hostCall(timer->host.instance));
  }
  if (held) return arm(timer, kHeldAgain);
  {
    const std::lock_guard lock(timer->mutex);
    timer->running = false;
  }
  if (timer->period > base::Duration::zero()) {
    arm(timer, timer->period);
  } else {
    timers_.take(timer->handle);
  }
}

std::size_t TimerAdapter::quiesce(const revenge_host& host) {
  const auto timers = timers_.withdraw(host.instance);
  for (const auto& item : timers) {
    const std::lock_guard lock(item.value->mutex);
    item.value->cancelled = true;
    scheduler_.cancel(item.value->armed);
  }
  return timers.size();
}

struct TimerTable {
  static revenge_status start(const revenge_host* host, std::int64_t first_ns, std::int64_t period_ns,
                              const revenge_job* job, revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (job == nullptr || job->run == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "job, its function or timer is NULL");
    if (first_ns < 0 || period_ns < 0)
      return say(error, REVENGE_INVALID, "first_ns and period_ns must not be negative");
    TimerAdapter& adapter = ties->bundle.timers;
    auto timer = std::make_shared<TimerAdapter::Timer>(*host, *job, base::Duration(period_ns),
                                                       adapter.lanes_.executor(host->lane));
    const std::lock_guard lock(timer->mutex);
    timer->handle = adapter.timers_.add(host->instance, timer, TimerAdapter::kMaxTimers);
    if (timer->handle == 0)
      return say(error, REVENGE_LIMIT,
                 fmt::format("more than {} timers of one plugin", TimerAdapter::kMaxTimers));
    timer->armed = adapter.scheduler_.after(
        base::Duration(first_ns), [&adapter, timer] { adapter.fire(timer); }, timer->lane);
    *handle = timer->handle;
    return REVENGE_OK;
  }

  static revenge_status cancel(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    TimerAdapter& adapter = ties->bundle.timers;
    const auto item = adapter.timers_.take(handle, host->instance);
    if (!item) return REVENGE_GONE;
    const std::lock_guard lock(item->value->mutex);
    item->value->cancelled = true;
    adapter.scheduler_.cancel(item->value->armed);
    return item->value->running ? REVENGE_BUSY : REVENGE_OK;
  }

  static revenge_status submit(const revenge_host* host, const revenge_call* call, const revenge_job* job,
                               revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (job == nullptr || job->run == nullptr)
      return say(error, REVENGE_INVALID, "job or its function is NULL");
    TimerAdapter& adapter = ties->bundle.timers;
    // Queued work counts as inside: it runs although the instance may be draining by then.
    auto inside = adapter.domain_.instances().enter(host->instance);
    if (!inside) return gone(error);
    const auto submitted = adapter.lanes_.submit(
        host->lane,
        [host, inside = std::move(inside), job = *job,
         carried = CarriedCall(host->instance, call)]() mutable { runJob(*host, job, carried.settled()); });
    switch (submitted) {
      case base::Submitted::kTaken:
        return REVENGE_OK;
      case base::Submitted::kLimit:
        return say(error, REVENGE_LIMIT, "the plugin's share of the workers' queue is full");
      case base::Submitted::kGone:
        return gone(error);
    }
    return REVENGE_FAILED;
  }
};

const revenge_timer& TimerAdapter::table() {
  static constexpr revenge_timer kTable{sizeof(revenge_timer), 0, TimerTable::start, TimerTable::cancel,
                                        TimerTable::submit};
  return kTable;
}

}  // namespace revenge::ext
