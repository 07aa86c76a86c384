#include "base/periodic.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace revenge::base {

struct Periodic::Core : std::enable_shared_from_this<Core> {
  Core(Scheduler& by, Duration every, std::function<void()> what, std::shared_ptr<Executor> on)
      : scheduler(by), period(every), task(std::move(what)), where(std::move(on)) {}

  void arm() {
    const std::lock_guard lock(mutex);
    if (!stopped) timer = scheduler.after(period, [self = shared_from_this()] { self->tick(); }, where);
  }

  void tick() {
    {
      const std::lock_guard lock(mutex);
      if (stopped) return;
      runner = std::this_thread::get_id();
    }
    task();
    {
      const std::lock_guard lock(mutex);
      runner = {};
    }
    left.notify_all();
    arm();
  }

  void stop() {
    std::unique_lock lock(mutex);
    stopped = true;
    scheduler.cancel(timer);
    if (runner == std::this_thread::get_id()) return;
    left.wait(lock, [this] { return runner == std::thread::id(); });
  }

  Scheduler& scheduler;
  const Duration period;
  const std::function<void()> task;
  const std::shared_ptr<Executor> where;
  std::mutex mutex;  // guards what follows
  std::condition_variable left;
  bool stopped = false;
  std::thread::id runner;
  TimerId timer = TimerId::kNone;
};

Periodic::Periodic(Scheduler& scheduler, Duration period, std::function<void()> task,
                   std::shared_ptr<Executor> where)
    : core_(std::make_shared<Core>(scheduler, period, std::move(task), std::move(where))) {
  core_->arm();
}

Periodic::~Periodic() { core_->stop(); }

}  // namespace revenge::base
