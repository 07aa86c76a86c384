// Which plugin the current thread is running code for. Set by whoever calls into a plugin, read by logs, the crash
// journal and the CPU sampler. Thread safety: one marker a thread, written only by that thread; threadMark() may be read
// from a signal handler and, while the thread lives, from other threads. Costs one store to enter and one to leave.
#pragma once

#include <atomic>
#include <cstdint>

namespace revenge::base {

// The number of a plugin instance, given out by the plugin room; kHost is the host's own code.
enum class PluginMark : std::uint32_t { kHost = 0 };

namespace detail {
inline constinit thread_local std::atomic<PluginMark> mark{PluginMark::kHost};
inline constinit thread_local std::atomic<const char*> activity{nullptr};
}  // namespace detail

inline PluginMark currentPlugin() { return detail::mark.load(std::memory_order_relaxed); }
inline const std::atomic<PluginMark>& threadMark() { return detail::mark; }
// What it does there ("start", "/films/{id}"), for whoever has to say in what the process ended; null: nobody said.
inline const char* currentActivity() { return detail::activity.load(std::memory_order_relaxed); }

class ActivityScope {
 public:
  // The text is not copied: it outlives the scope.
  explicit ActivityScope(const char* activity) : outer_(currentActivity()) {
    detail::activity.store(activity, std::memory_order_relaxed);
  }
  ~ActivityScope() { detail::activity.store(outer_, std::memory_order_relaxed); }
  ActivityScope(const ActivityScope&) = delete;
  ActivityScope& operator=(const ActivityScope&) = delete;

 private:
  const char* outer_;
};

class PluginScope {
 public:
  explicit PluginScope(PluginMark plugin) : outer_(currentPlugin()) {
    detail::mark.store(plugin, std::memory_order_relaxed);
  }
  ~PluginScope() { detail::mark.store(outer_, std::memory_order_relaxed); }
  PluginScope(const PluginScope&) = delete;
  PluginScope& operator=(const PluginScope&) = delete;

 private:
  PluginMark outer_;  // scopes nest: a plugin calls a service of another one
};

}  // namespace revenge::base
