#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <ranges>
#include <thread>
#include <utility>

#include <fmt/ranges.h>

#include "plugin/plugins_impl.hpp"
#include "plugin/take_down.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::plugin {

namespace {

constexpr int kTries = 3;  // of a plugin whose own code fails to start, with 1 s, 2 s, 4 s between them

// Side by side, then together. Where the system gives no thread the work is done in place.
class Threads {
 public:
  void run(const std::string& name, const std::function<void()>& work) {
    if (auto thread = runtime::startThread(name, work)) {
      threads_.push_back(std::move(*thread));
    } else {
      work();
    }
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

// Work of many plugins side by side, each begun when those it stands behind are done; nobody is woken for others.
class Ordered {
 public:
  void awaitAll(const std::vector<std::string>& ids) {
    std::unique_lock lock(mutex_);
    for (const std::string& id : ids) {
      Work& work = work_[id];
      work.ended.wait(lock, [&work] { return work.done; });
    }
  }
  void done(const std::string& id) {
    const std::lock_guard lock(mutex_);
    Work& work = work_[id];
    work.done = true;
    work.ended.notify_all();
  }

 private:
  struct Work {
    std::condition_variable ended;
    bool done = false;
  };
  std::mutex mutex_;
  std::map<std::string, Work, std::less<>> work_;  // guarded by mutex_; never shrinks
};

}  // namespace

void Plugins::Impl::inBackground(const std::function<void()>& work) {
  joinFinished();
  auto done = std::make_shared<std::atomic<bool>>(false);
  auto thread = runtime::startThread("take-down", [this, work, done] {
    work();
    {
      const std::lock_guard lock(threads_mutex);
      *done = true;
    }
    background_done.notify_all();
  });
  if (!thread) {
    roster.logger.error(thread.error().message);
    return work();
  }
  const std::lock_guard lock(threads_mutex);
  threads.push_back({std::move(*thread), done});
}

// Under the lock, so that nobody who is about to wait misses it.
void Plugins::Impl::requestStop() {
  const std::lock_guard lock(threads_mutex);
  roster.stopping = true;
  stop_requested.notify_all();
}

void Plugins::Impl::joinFinished() {
  const std::lock_guard lock(threads_mutex);
  for (auto it = threads.begin(); it != threads.end();) {
    if (!*it->done) {
      ++it;
      continue;
    }
    it->thread.join();
    it = threads.erase(it);
  }
}

void Plugins::Impl::retire(Record& record, std::shared_ptr<Instance> old, bool stopped) {
  inBackground([this, &record, old = std::move(old), stopped]() mutable {
    TakeDown down(roster, record, std::move(old));
    stopped ? down.drainStopped() : down.drainAndStop();
  });
}

void Plugins::Impl::startOne(Record& record) {
  auto hold = roster.hold(record.id, "start");
  if (!hold) return;
  if (record.current != nullptr || roster.stopping) return;
  startHeld(record);
}

// Requires: the operation holds the record, which serves nothing.
void Plugins::Impl::startHeld(Record& record) {
  if (const auto closed = roster.closed(record)) return roster.disableByFlag(record, *closed);
  if (record.state == State::kWaiting) roster.apply(record, Event::kEnable, "what it waited for is there");
  const auto report = load(record, {});
  if (report) {
    roster.logger.info("running", {{"plugin", record.id}, {"version", report->to}, {"took", report->took}});
    return;
  }
  if (record.state == State::kFailed) retryLater(record, 1);
}

void Plugins::Impl::retryLater(Record& record, int attempt) {
  inBackground([this, &record, attempt] {
    for (int next = attempt; next <= kTries; ++next) {
      std::unique_lock lock(threads_mutex);
      const auto delay = std::chrono::seconds(1LL << (next - 1));
      if (stop_requested.wait_for(lock, delay, [this] { return roster.stopping.load(); })) return;
      lock.unlock();
      auto hold = roster.hold(record.id, "restart");
      if (!hold || record.state != State::kFailed || !roster.desired.of(record.id).on) return;
      roster.countRestart(record);
      roster.apply(record, Event::kEnable, fmt::format("try {} of {}", next, kTries));
      if (load(record, {})) return;
    }
  });
}

// What is still here when the time is up, a line each. Its code may be running: nothing it uses may be destroyed.
std::vector<std::string> Plugins::Impl::leftBy(base::Instant deadline) {
  std::vector<std::string> left;
  {
    std::unique_lock lock(threads_mutex);
    const auto quiet = [this] {
      return std::ranges::all_of(threads, [](const Background& b) { return b.done->load(); });
    };
    background_done.wait_until(lock, deadline, quiet);
  }
  for (const PluginView& view : roster.list().plugins) {
    for (const InstanceView& instance : view.instances) {
      if (instance.state == State::kUnloaded) continue;
      left.push_back(fmt::format("plugin '{}' {} is {}: {}", view.id, instance.version, name(instance.state),
                                 instance.note));
    }
  }
  return left;
}

void Plugins::startWanted() {
  const Graph graph = impl_->roster.graph(Roster::Whose::kWanted);
  for (const std::string& id : impl_->roster.ids()) {
    if (impl_->roster.desired.of(id).on) continue;
    impl_->roster.apply(
        impl_->roster.add(id), Event::kDisable,
        fmt::format("{}; revengectl enable {} starts it",
                    impl_->roster.desired.said(id).on ? impl_->roster.options.stand_in_why : "switched off",
                    id));
  }
  Ordered order;
  Threads starting;
  for (const std::string& id : graph.order()) {
    Record& record = impl_->roster.add(id);
    if (const auto circle = graph.cycleThrough(id); !circle.empty()) {
      const std::string why =
          fmt::format("plugin '{}' refused: requires itself: {}", id, fmt::join(circle, " -> "));
      impl_->roster.apply(record, Event::kRefuse, why);
      impl_->roster.logger.error(why, {{"plugin", id}});
      order.done(id);
      continue;
    }
    starting.run(fmt::format("start {}", id), [this, &record, &order, first = graph.before(id)] {
      order.awaitAll(first);
      impl_->startOne(record);
      order.done(record.id);
    });
  }
  starting.join();
  if (const auto published = impl_->roster.publish(); !published) {
    impl_->roster.logger.error(published.error().message);
  }
  impl_->settle();
  impl_->inBackground([impl = impl_.get()] { impl->watchHealth(); });
  impl_->inBackground([impl = impl_.get()] { impl->watchGates(); });
}

void Plugins::beginNothing() { impl_->requestStop(); }

// Consumers before their providers, also where no thread can be made and all of it happens here.
std::vector<std::string> Plugins::shutdown(base::Instant deadline) {
  Roster& roster = impl_->roster;
  impl_->requestStop();
  const Graph graph = roster.graph(Roster::Whose::kServing);
  Ordered order;
  Threads stopping;
  // Those that do not serve yet may be about to.
  auto sequence = graph.order();
  for (const std::string& id : roster.ids()) {
    if (std::ranges::find(sequence, id) == sequence.end()) sequence.push_back(id);
  }
  for (const std::string& id : sequence | std::views::reverse) {
    Record& record = roster.add(id);
    std::vector<std::string> consumers;
    for (const Node& node : graph.nodes()) {
      const auto first = graph.before(node.id);
      if (std::ranges::find(first, id) != first.end() && graph.cycleThrough(id).empty())
        consumers.push_back(node.id);
    }
    stopping.run(fmt::format("stop {}", id),
                 [&roster, &record, &order, deadline, consumers = std::move(consumers)] {
                   order.awaitAll(consumers);
                   const auto hold = roster.holdPatiently(record, "shutdown");
                   if (const auto last = record.current; last != nullptr) {
                     (void)roster.publish(record, nullptr);
                     last->apply(Event::kWithdraw, "the host stops");
                     TakeDown(roster, record, last).stopBy(deadline);
                   }
                   order.done(record.id);
                 });
  }
  stopping.join();
  return impl_->leftBy(deadline);
}

}  // namespace revenge::plugin
