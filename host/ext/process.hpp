// Adapter of revenge.process/1 over process::Processes: keeps the children that instances have, and passes commands and
// results across the boundary. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include <revenge/abi/process.h>

#include "plugin/host_record.hpp"
#include "process/processes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class ProcessAdapter {
 public:
  explicit ProcessAdapter(service::Domain& domain) : domain_(domain), children_(kHandleKind) {}
  static const revenge_process& table();

  // Once, before the first plugin is loaded.
  void startThrough(process::Processes& processes) { processes_ = &processes; }

  // What the instance has running is asked to end, and it starts nothing any more; how many there were. A child keeps its
  // instance inside until its end, so that a drain waits for it.
  std::size_t cancelAll(const revenge_host& host);
  // After the last drain but one: what is left is a result that nobody closed.
  std::size_t withdraw(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return children_.count(host.instance); }

 private:
  friend struct ProcessTable;
  static constexpr std::uint8_t kHandleKind = 22;
  static constexpr std::size_t kMaxChildren =
      10'000;  // of one instance, those that wait and that nobody closed too

  bool leaves(service::InstanceRef instance) const {
    return leaving_[instance.index & (service::kMaxInstances - 1)].load() == instance.generation;
  }

  service::Domain& domain_;
  process::Processes* processes_ = nullptr;
  service::HandleTable<std::shared_ptr<process::Child>> children_;  // shared with the loop that carries them
  // By index the generation for which cancelAll() was called. Set before the table is looked through, and read after a
  // child was put into it: one of the two finds it.
  std::array<std::atomic<std::uint32_t>, service::kMaxInstances> leaving_{};
};

}  // namespace revenge::ext
