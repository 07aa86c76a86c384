// What the rest of the host offers to plugins, seen from here: tables looked up by id, and the three moments at which
// those who keep something for an instance must act. This room never learns what the tables are about.
#pragma once

#include <cstddef>
#include <span>
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
};

class Capabilities {
 public:
  virtual ~Capabilities() = default;

  // Before create: what is stored in revenge_host::context of this instance. Lives as long as the process.
  virtual const void* open(const revenge_host& host) = 0;
  // The table, or null when it is not offered. [any-thread]
  virtual const void* table(std::string_view id) const = 0;

  // Adds to the generation being built what the instances in `visible` have registered. May refuse (two plugins claim
  // the same route): then nothing is published.
  virtual base::Result<> contribute(service::GenerationBuilder& next,
                                    std::span<const revenge_host* const> visible,
                                    std::span<const Absent> absent) = 0;
  // From now on no timer, job or thread of the instance begins; running threads are asked to stop. Before `stop`.
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
