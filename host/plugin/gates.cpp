// What the flag of a plugin does to it: one that lets nobody in drains and stops it, one that does brings it back, as long
// as the operator wants it.
#include "flags/flags.hpp"
#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

// On the thread that changes flags: nothing here waits.
void Plugins::Impl::gatesChanged() {
  const std::lock_guard lock(threads_mutex);
  gates_changed = true;
  stop_requested.notify_all();
}

void Plugins::Impl::watchGates() {
  while (true) {
    {
      std::unique_lock lock(threads_mutex);
      stop_requested.wait(lock, [this] { return roster.stopping.load() || gates_changed; });
      if (roster.stopping) return;
      gates_changed = false;
    }
    followGates();
  }
}

void Plugins::Impl::followGates() {
  for (const PluginView& view : roster.list().plugins) {
    const bool runs = !view.instances.empty() && isServing(view.instances.front().state);
    const bool may = view.gate_closed.empty();
    const bool is_off = view.state == State::kDisabled;
    if (may ? view.wanted && !runs && is_off : runs || !is_off)
      inBackground([this, &record = roster.add(view.id)] { obeyGate(record); });
  }
}

// Looks again once the record is its own: an operation, or another change of the flag, may have come before.
void Plugins::Impl::obeyGate(Record& record) {
  const auto hold = roster.holdPatiently(record, "its flag");
  if (roster.stopping) return;
  const auto closed = roster.closed(record);
  if (closed && record.current != nullptr) {
    const auto report = change({&record, std::nullopt, {}, Roster::noteOf(*closed)}, {});
    if (!report) return;
    return roster.logger.info("stopped by its flag", {{"plugin", record.id}, {"reason", closed->why}});
  }
  const bool wanted = roster.desired.of(record.id).on;
  if (closed && wanted) return roster.disableByFlag(record, *closed);
  if (closed || record.current != nullptr || !wanted || record.state != State::kDisabled) return;
  roster.apply(record, Event::kEnable, "its flag lets somebody in");
  startHeld(record);
}

}  // namespace revenge::plugin
