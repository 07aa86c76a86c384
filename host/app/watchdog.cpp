#include "app/watchdog.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "app/descriptor_sentinel.hpp"
#include "observe/code_map.hpp"
#include "observe/crash_handler.hpp"
#include "observe/symbols.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::app {

namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);
// A thread that is let run answers within microseconds; one behind others on a busy machine within some time slices.
constexpr base::Duration kPatience = std::chrono::seconds(1);
constexpr std::size_t kMostWaiting = 64;

}  // namespace

Watchdog::Watchdog(const base::Clock& clock, observe::Log& log, ConductBook& book)
    : clock_(clock), logger_(log.logger("watchdog")), book_(book) {
  auto stacks = observe::ThreadStacks::install();
  if (stacks) {
    stacks_.emplace(std::move(*stacks));
  } else {
    no_stacks_ = stacks.error().message;
    logger_.warn(no_stacks_);
  }
}

Watchdog::~Watchdog() { end(); }

runtime::StuckReport Watchdog::reports(std::string where) {
  return [this, where = std::move(where)](const runtime::Stuck& stuck) {
    {
      const std::lock_guard lock(mutex_);
      if (found_.size() == kMostWaiting) return;
      found_.push_back({stuck, fmt::format(fmt::runtime(where), stuck.name)});
    }
    changed_.notify_all();
  };
}

base::Result<Watchdog::Watch> Watchdog::watch(std::function<void()> each_second) {
  auto thread =
      runtime::startThread("watchdog", [this, each_second = std::move(each_second)] { run(each_second); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return Watch(*this);
}

Watchdog::Watch::~Watch() {
  if (watchdog_ != nullptr) watchdog_->end();
}

void Watchdog::end() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run(const std::function<void()>& each_second) {
  base::Instant next = clock_.now() + kSecond;
  const auto sentinel = DescriptorSentinel::post();
  if (!sentinel) logger_.warn(sentinel.error().message);
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (!found_.empty()) {
      const Found found = std::move(found_.front());
      found_.pop_front();
      lock.unlock();
      look(found);
      lock.lock();
      continue;
    }
    if (const base::Instant now = clock_.now(); now < next) {
      changed_.wait_for(lock, next - now);
      continue;
    }
    next = clock_.now() + kSecond;
    lock.unlock();
    each_second();
    if (sentinel && !sentinel->isThere())
      observe::endBroken("a plugin closed descriptors of the host; revenge check DIR finds which");
    lock.lock();
  }
}

void Watchdog::look(const Found& found) {
  const runtime::Stuck& stuck = found.stuck;
  plugin::Incident incident{.at = clock_.wall(), .where = found.where, .lasting = stuck.lasting};
  incident.replaced = stuck.remedy == runtime::Remedy::kReplaced;
  base::PluginMark inside = stuck.plugin;
  if (!stacks_) {
    incident.no_stack = no_stacks_;
  } else if (stuck.thread == 0) {
    incident.no_stack = "its thread is not known";
  } else if (auto taken = stacks_->take(stuck.thread, kPatience); !taken) {
    incident.no_stack = taken.error().message;
  } else if (taken->inside == base::PluginMark::kHost && stuck.plugin != base::PluginMark::kHost) {
    incident.no_stack = "it returned just then";
  } else {
    // One that it calls may be who does not return.
    inside = taken->inside;
    incident.doing = std::move(taken->doing);
    incident.frames = std::move(taken->frames);
    observe::nameFunctions(incident.frames);
  }
  if (const observe::CodeOwner* const owner = observe::ownerOf(inside); owner != nullptr) {
    incident.plugin = owner->id.view();
    incident.version = owner->version.view();
  }
  book_.happened(std::move(incident));
}

}  // namespace revenge::app
