// What the host counts about each plugin itself, by the marker of the instance: CPU time, and how long its jobs waited for a
// worker. The figures continue over a swap and go with the plugin's last instance. app owns it, after the Metrics. Thread safety:
// everything may be called from any thread; spent() and waited() take no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string_view>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "observe/metrics.hpp"

namespace revenge::observe {

class PluginFigures {
 public:
  explicit PluginFigures(Metrics& metrics);
  PluginFigures(const PluginFigures&) = delete;
  PluginFigures& operator=(const PluginFigures&) = delete;

  // Requires: the plugin has a scope.
  void arrived(base::PluginMark mark, std::string_view plugin);
  void left(base::PluginMark mark);

  void spent(base::PluginMark mark, base::Duration cpu) const;
  void waited(base::PluginMark mark, base::Duration wait) const;

 private:
  struct Figures {
    Counter cpu;
    Histogram wait;
  };
  static constexpr std::size_t kMarks = 512;  // beyond what an instance can have

  const Figures& of(base::PluginMark mark) const;

  std::mutex mutex_;
  MetricScope scope_;
  std::deque<Figures> figures_;  // guarded by mutex_; never shrinks: who counts late still finds its own
  const Figures* host_;
  std::array<std::atomic<const Figures*>, kMarks> by_mark_{};
};

}  // namespace revenge::observe
