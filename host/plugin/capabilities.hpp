// What the rest of the host offers to plugins, seen from here: tables looked up by id, and the three moments at which
// those who keep something for an instance must act. This room never learns what the tables are about.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/host_record.hpp"
#include "service/generations.hpp"

namespace revenge::plugin {

// A plugin whose last instance had registered something but which is not in the generation to come.
struct Absent {
  std::string id;
  std::string reason;  // "disabled", "failed: start: no space left"
  bool gated = false;  // its flag lets nobody in: nobody is one of its users, so that nobody misses it
};

// The slots of `consumer` for what `provider` offers lead to that one, whoever else is visible.
struct Pin {
  const revenge_host* consumer;
  const revenge_host* provider;
};

// What a generation consists of, as this room knows it.
struct Scene {
  std::vector<const revenge_host*> visible;
  std::vector<Absent> absent;
  std::vector<const revenge_host*> held;  // instances whose gate is closed: nobody new enters them
  std::vector<const revenge_host*>
      parked;  // those, and whoever requires them: their requests wait at the head
  std::vector<Pin> pins;
};

class Capabilities {
 public:
  virtual ~Capabilities() = default;

  // Before create: what is stored in revenge_host::context of this instance. Lives as long as the process.
  virtual const void* open(const revenge_host& host) = 0;
  // The table, or null when it is not offered. [any-thread]
  virtual const void* table(std::string_view id) const = 0;

  // Adds to the generation being built what the visible instances have registered. May refuse (two plugins claim the same
  // route): then nothing is published.
  virtual base::Result<> contribute(service::GenerationBuilder& next, const Scene& scene) = 0;
  // Only where slots lead: for an instance that is about to start and is not visible yet.
  virtual void bind(service::GenerationBuilder& next, const Scene& scene) = 0;
  // The generation that was contributed or bound last runs now: who waits for a change looks again.
  virtual void published() = 0;
  // Asks the running threads of the instance to stop and lets it register on: it may be started again.
  virtual void pause(const revenge_host& host) = 0;
  // The waits of the instance for other plugins end as cancelled, elsewhere, and it begins none any more; how many. At
  // the deadline of its drain.
  virtual std::size_t cancelWaits(const revenge_host& host) = 0;
  // From now on no timer, job or thread of the instance begins; running threads are asked to stop, its waits end as
  // cancelled. Before `stop`.
  virtual void quiesce(const revenge_host& host) = 0;
  // Waits until no thread of the instance runs; names those that still do at `deadline`. After `stop`.
  virtual std::vector<std::string> join(const revenge_host& host, base::Instant deadline) = 0;
  // Before destroy, or when a load failed: everything still held for the instance ends. Says what was left ("2 timers").
  virtual std::vector<std::string> withdraw(const revenge_host& host) = 0;
  // What keeps a drain from ending ("1 event stream (41 s)"). [any-thread]
  virtual std::vector<std::string> holders(const revenge_host& host) const = 0;
  // What the host keeps for it, by kind ("routes", 4), for people. [any-thread]
  virtual std::vector<std::pair<std::string, std::uint64_t>> registrations(
      const revenge_host& host) const = 0;
};

}  // namespace revenge::plugin
