#include "runtime/transition_threads.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <unistd.h>

#include "runtime/named_thread.hpp"
#include "runtime/patience.hpp"

namespace revenge::runtime {

struct TransitionThreads::Core {
  enum class State { kRunning, kReturned, kGivenUp };
  struct Call {
    std::string name;
    base::PluginMark plugin;
    base::Instant started;
    std::atomic<pid_t> thread_id{0};
    State state = State::kRunning;
    bool is_hurried = false;
  };

  Core(const base::Clock& time, StuckReport late, StuckReport given_up)
      : clock(time), onLate(std::move(late)), onGivenUp(std::move(given_up)) {}

  // The last act of a call's thread. The clock and the report belong to the host and are there only until `closed`.
  void returned(Call& call) {
    std::unique_lock lock(mutex);
    const bool late = std::exchange(call.state, State::kReturned) == State::kGivenUp;
    std::erase_if(calls, [&call](const auto& each) { return each.get() == &call; });
    if (late && !closed && onLate) {
      ++reporting;
      lock.unlock();
      onLate(Stuck{call.name, call.plugin, clock.now() - call.started, Remedy::kNone, call.thread_id.load()});
      lock.lock();
      --reporting;
    }
    changed.notify_all();
  }

  const base::Clock& clock;
  const StuckReport onLate;
  const StuckReport onGivenUp;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::vector<std::shared_ptr<Call>> calls;
  unsigned reporting = 0;
  bool closed = false;
};

TransitionThreads::TransitionThreads(base::Scheduler& scheduler, StuckReport onLate, StuckReport onGivenUp)
    : scheduler_(scheduler),
      core_(std::make_shared<Core>(scheduler.clock(), std::move(onLate), std::move(onGivenUp))) {}

TransitionThreads::~TransitionThreads() {
  std::unique_lock lock(core_->mutex);
  core_->closed = true;
  core_->changed.wait(lock, [this] { return core_->reporting == 0; });
}

base::Result<> TransitionThreads::runTask(std::string name, base::PluginMark plugin, base::Duration deadline,
                                          base::Task task) {
  const auto call = std::make_shared<Core::Call>(std::move(name), plugin, scheduler_.clock().now());
  {
    const std::lock_guard lock(core_->mutex);
    core_->calls.push_back(call);
  }
  auto thread = startThread(call->name, [core = core_, call, task = std::move(task)]() mutable {
    call->thread_id.store(::gettid());
    {
      const base::PluginScope scope(call->plugin);
      const base::ActivityScope doing(call->name.c_str());
      task();
      task = {};
    }
    core->returned(*call);
  });
  if (!thread) {
    core_->returned(*call);
    return std::unexpected(std::move(thread).error());
  }
  waitUntil(core_, scheduler_, deadline,
            [&call] { return call->state == Core::State::kReturned || call->is_hurried; });
  std::unique_lock lock(core_->mutex);
  if (call->state == Core::State::kReturned) {
    lock.unlock();
    thread->join();  // its thread_local destructors have run too: the code may be unmapped
    return {};
  }
  call->state = Core::State::kGivenUp;
  thread->detach();
  lock.unlock();
  if (call->is_hurried)
    return base::fail(base::Errc::kCancelled, "{} did not return before the host stopped", call->name);
  if (core_->onGivenUp)
    core_->onGivenUp({call->name, call->plugin, deadline, Remedy::kNone, call->thread_id.load()});
  return base::fail(base::Errc::kTimedOut, "{} did not return within {} ms", call->name,
                    std::chrono::duration_cast<std::chrono::milliseconds>(deadline).count());
}

void TransitionThreads::hurry(base::Duration patience) {
  std::unique_lock lock(core_->mutex);
  const auto under_way = core_->calls;
  lock.unlock();
  scheduler_.after(patience, [core = core_, under_way] {
    {
      const std::lock_guard hurrying(core->mutex);
      for (const auto& call : under_way) call->is_hurried = true;
    }
    core->changed.notify_all();
  });
}

std::vector<Stuck> TransitionThreads::givenUp() const {
  std::vector<Stuck> stuck;
  const std::lock_guard lock(core_->mutex);
  for (const auto& call : core_->calls) {
    if (call->state != Core::State::kGivenUp) continue;
    stuck.push_back({call->name, call->plugin, core_->clock.now() - call->started, Remedy::kNone,
                     call->thread_id.load()});
  }
  return stuck;
}

}  // namespace revenge::runtime
