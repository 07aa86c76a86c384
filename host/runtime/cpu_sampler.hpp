// Whose code the process's CPU time goes into. A thread looks at every thread of the host a hundred times a second: what the
// thread has used since it was last met running goes to the plugin it runs for now. So the sum is what the kernel counted, and
// the share of each plugin is sampled. While the process is idle it looks ten times a second. With 11 threads that costs 0.05 % of a
// core idle and 0.25 % busy. Rationale: reading a thread's own
// CPU clock at each callback would cost more than many callbacks; a profiling signal would interrupt system calls of plugins.
// Thread safety: `spent` is called on the sampler's thread. Owned by app; must end before what `spent` uses.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "base/result.hpp"

namespace revenge::runtime {

class CpuSampler {
 public:
  using Spent = std::function<void(base::PluginMark plugin, base::Duration cpu)>;

  // kLimit when the system gives no thread for it.
  static base::Result<std::unique_ptr<CpuSampler>> start(Spent spent);
  ~CpuSampler();
  CpuSampler(const CpuSampler&) = delete;
  CpuSampler& operator=(const CpuSampler&) = delete;

 private:
  explicit CpuSampler(Spent spent) : spent_(std::move(spent)) {}
  void run();

  const Spent spent_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace revenge::runtime
