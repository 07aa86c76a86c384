#include "plugin/take_down.hpp"

#include <algorithm>
#include <chrono>

#include "runtime/lanes.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

using std::chrono::seconds;

// So long what was cancelled has to end by itself before the instance is shown as retired.
constexpr auto kCancelledEnds = seconds(1);

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

void TakeDown::drainAndStop() {
  if (!awaitPins() || !awaitCalls()) return;
  end(roster_.rooms.clock.now() + instance_->manifest().timeouts.stop, true);
}

void TakeDown::drainStopped() {
  if (!awaitPins() || !awaitCalls()) return;
  end(roster_.rooms.clock.now() + instance_->manifest().timeouts.stop, false);
}

// Consumers that were replaced together with it call it until they are gone. The end of the host gives up once none of
// them has left for a while.
bool TakeDown::awaitPins() {
  while (roster_.isPinned(*instance_)) {
    const bool stopping = roster_.stopping;
    if (!roster_.awaitDrop(seconds(1)) && stopping) return !roster_.isPinned(*instance_);
  }
  return true;
}

// Whose clients have gone already: half of the time is enough for what it began by itself, and the other half is for what
// was cancelled, its stop, and its providers.
bool TakeDown::stopBy(base::Instant deadline) {
  auto& instances = roster_.rooms.domain.instances();
  const auto ref = instance_->host().instance;
  const base::Instant now = roster_.rooms.clock.now();
  const base::Duration patience =
      std::min<base::Duration>(instance_->manifest().timeouts.drain, (deadline - now) / 2);
  if (!instances.drain(ref, now + patience)) roster_.rooms.capabilities.cancelWaits(instance_->host());
  if (const auto drained = instances.drain(ref, deadline); !drained) {
    instance_->apply(Event::kRetire,
                     fmt::format("{} calls were still inside at the shutdown's deadline", drained.inside));
    return false;
  }
  return end(deadline, true);
}

// Streams may last for hours: past the deadline the instance counts as retired and is shown with what holds it, and this
// thread goes on waiting. Only the end of the host gives up. What waits for another plugin may wait for ever, so it is
// cancelled first.
bool TakeDown::awaitCalls() {
  auto& instances = roster_.rooms.domain.instances();
  const auto ref = instance_->host().instance;
  const auto& clock = roster_.rooms.clock;
  auto& capabilities = roster_.rooms.capabilities;
  base::Instant deadline = clock.now() + instance_->manifest().timeouts.drain;
  bool cancelled = false;
  bool overdue = false;
  while (true) {
    const base::Instant turn = clock.now() + seconds(1);
    if (instances.drain(ref, overdue ? turn : std::min(turn, deadline))) return true;
    if (roster_.stopping) {
      return capabilities.cancelWaits(instance_->host()) > 0 &&
             instances.drain(ref, clock.now() + kCancelledEnds);
    }
    if (!overdue && clock.now() >= deadline) {
      if (!std::exchange(cancelled, true) && capabilities.cancelWaits(instance_->host()) > 0) {
        deadline = clock.now() + kCancelledEnds;
        continue;
      }
      overdue = true;
      const std::string holders = joined(capabilities.holders(instance_->host()));
      instance_->apply(Event::kRetire, fmt::format("not drained by its deadline{}{}",
                                                   holders.empty() ? "" : ": held by ", holders));
    }
  }
}

void TakeDown::abandonLoad(const base::Error& why) {
  const bool hung = why.code == base::Errc::kTimedOut;
  const bool created = instance_->state() == State::kConfigured;
  if (hung) {
    instance_->host().phase = Phase::kStopping;
    roster_.rooms.capabilities.quiesce(instance_->host());
    instance_->apply(Event::kHang, why.message);
    roster_.keep(record_, instance_);
    return;
  }
  roster_.keep(record_, instance_);
  if (created) {
    end(roster_.rooms.clock.now() + instance_->manifest().timeouts.stop, false);
  } else {
    // What create had made is gone with its failure: nothing of it is called any more.
    instance_->host().phase = Phase::kGone;
    roster_.rooms.domain.instances().close(instance_->host().instance, service::Door::kShut);
    roster_.rooms.capabilities.quiesce(instance_->host());
    destroyAndUnload();
  }
}

// A plugin whose start failed is not stopped, only destroyed, as the boundary says.
bool TakeDown::end(base::Instant deadline, bool started) {
  auto& rooms = roster_.rooms;
  revenge_host& host = instance_->host();
  host.phase = Phase::kStopping;
  rooms.capabilities.quiesce(host);
  rooms.domain.instances().close(host.instance, service::Door::kEnding);
  deadline = std::max(deadline, rooms.clock.now() + instance_->manifest().timeouts.stop);
  if (const auto drained = rooms.domain.instances().drain(host.instance, deadline); !drained) {
    return stuck(fmt::format("{} callbacks did not return", drained.inside));
  }
  if (started) {
    const auto stopped = instance_->stop();
    if (!stopped && stopped.error().code == base::Errc::kTimedOut) return stuck(stopped.error().message);
    if (!stopped)
      roster_.logger.warn("stop failed; the instance is torn down all the same",
                          {{"plugin", record_.id}, {"reason", stopped.error().message}});
  }
  if (const auto running = rooms.capabilities.join(host, deadline); !running.empty()) {
    return stuck(fmt::format("threads that do not stop: {}", joined(running)));
  }
  instance_->apply(Event::kStop);
  destroyAndUnload();
  return true;
}

bool TakeDown::stuck(const std::string& why) {
  instance_->apply(Event::kHang, why);
  return false;
}

void TakeDown::destroyAndUnload() {
  auto& rooms = roster_.rooms;
  revenge_host& host = instance_->host();
  const auto left = rooms.capabilities.withdraw(host);
  if (!left.empty())
    roster_.logger.info("withdrawn by the host", {{"plugin", record_.id}, {"left", joined(left)}});
  (void)rooms.domain.build().closeSlots(host.instance).publish();
  rooms.domain.instances().close(host.instance, service::Door::kShut);
  const auto deadline = rooms.clock.now() + instance_->manifest().timeouts.stop;
  if (const auto drained = rooms.domain.instances().drain(host.instance, deadline); !drained) {
    stuck(fmt::format("{} calls are still inside", drained.inside));
    return;
  }
  if (const auto destroyed = instance_->destroy(); !destroyed) {
    if (destroyed.error().code == base::Errc::kTimedOut) {
      stuck(destroyed.error().message);
      return;
    }
    roster_.logger.warn("destroy failed; the instance is unloaded all the same",
                        {{"plugin", record_.id}, {"reason", destroyed.error().message}});
  }
  host.phase = Phase::kGone;
  host.section.store(nullptr);
  rooms.lanes.closeLane(host.lane);
  unload();
}

void TakeDown::unload() {
  auto& rooms = roster_.rooms;
  // destroy() itself ran inside: only now nobody is.
  (void)rooms.domain.instances().drain(instance_->host().instance, rooms.clock.now() + seconds(1));
  (void)rooms.domain.instances().release(instance_->host().instance);
  (void)roster_.retired.sweep(rooms.knows_thread);
  auto image = instance_->release();
  const auto unloaded = image->unload(rooms.knows_thread);
  if (unloaded.unmapped) {
    instance_->apply(Event::kUnmap);
  } else {
    const std::string why = joined(unloaded.why);
    roster_.logger.warn(
        "still mapped",
        {{"plugin", record_.id}, {"version", instance_->manifest().version.text()}, {"why", why}});
    instance_->apply(Event::kRetire, why);
    roster_.retired.add(std::move(image), unloaded.why);
  }
  forget();
}

void TakeDown::forget() { roster_.drop(record_, instance_); }

}  // namespace revenge::plugin
