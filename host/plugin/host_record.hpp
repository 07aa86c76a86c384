// The record behind the `const revenge_host*` that a plugin passes to every host function. It is made once per load and
// never freed or reused, so that a late call (after stop, after destroy, from a leaked thread) is answered "gone" instead
// of touching freed memory. Thread safety: the strings and ids never change; the phase is atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <revenge/abi/plugin.h>

#include "base/current_plugin.hpp"
#include "module/manifest.hpp"
#include "plugin/section.hpp"
#include "runtime/lanes.hpp"
#include "service/refs.hpp"

namespace revenge::plugin {

class Capabilities;

enum class Phase : std::uint8_t {
  kCreating,  // from create to publish: may register
  kServing,   // published or draining: may register
  kStopping,  // from stop on: handles still work, nothing new is taken
  kGone       // after destroy: every call is answered REVENGE_GONE
};

// A section that one thread replaces while others read it.
class SectionCell {
 public:
  std::shared_ptr<const Section> load() const {
    const std::lock_guard lock(mutex_);
    return section_;
  }
  void store(std::shared_ptr<const Section> section) {
    const std::lock_guard lock(mutex_);
    revision_.store(section == nullptr ? 0 : section->abi().revision, std::memory_order_release);
    section_ = std::move(section);
  }
  // Of the section that load() gives, at the cost of one load; 0: there is none.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::uint64_t> revision_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const Section> section_;
};

}  // namespace revenge::plugin

struct revenge_host {
  std::string id;  // of the plugin
  std::string version;
  std::string gate;                                // flag
  std::string package;                             // folder of the private copy
  std::vector<revenge::module::Interface> offers;  // as plugin.json declares them
  std::vector<revenge::module::Interface> needs;
  std::uint64_t load = 0;  // counts the loads of this process from 1; never reused
  revenge::service::InstanceRef instance;
  revenge::runtime::LaneId lane;
  const revenge::plugin::Capabilities* capabilities = nullptr;
  const void* context = nullptr;  // the adapters' own, opaque to this room
  revenge_host_api api = {};
  revenge::plugin::SectionCell section;  // the running configuration; empty before create and after destroy
  std::atomic<bool> held{false};         // the gate: nothing new is begun in it
  std::atomic<revenge::plugin::Phase> phase{revenge::plugin::Phase::kCreating};

  revenge::base::PluginMark mark() const {
    return static_cast<revenge::base::PluginMark>(instance.index + 1);
  }
  bool gone() const { return phase.load(std::memory_order_acquire) == revenge::plugin::Phase::kGone; }
  bool mayRegister() const {
    return phase.load(std::memory_order_acquire) <= revenge::plugin::Phase::kServing;
  }
};
