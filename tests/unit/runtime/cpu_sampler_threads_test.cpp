#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/host_threads.hpp"
#include "runtime/cpu_sampler.hpp"

namespace revenge::runtime {
namespace {

using base::PluginMark;

// Uses the processor until the condition holds.
template <typename Condition>
void burnUntil(Condition holds) {
  while (!holds()) {
    for (std::atomic<int> i = 0; i < 10'000; ++i) {
    }
  }
}

class CpuSamplerTest : public testing::Test {
 protected:
  base::Duration spentBy(PluginMark plugin) {
    const std::lock_guard lock(mutex);
    return spent[plugin];
  }

  std::mutex mutex;
  std::map<PluginMark, base::Duration> spent;
  std::unique_ptr<CpuSampler> sampler = *CpuSampler::start([this](PluginMark plugin, base::Duration cpu) {
    const std::lock_guard lock(mutex);
    spent[plugin] += cpu;
  });
};

TEST_F(CpuSamplerTest, CountsWhatAThreadUsesForThePluginItRunsFor) {
  constexpr PluginMark kBusy{7};
  constexpr PluginMark kAsleep{8};
  std::atomic<bool> done = false;
  std::thread sleeper([&] {
    const base::HostThread known;
    const base::PluginScope scope(kAsleep);
    done.wait(false);
  });
  std::thread worker([&] {
    const base::HostThread known;
    const base::PluginScope scope(kBusy);
    burnUntil([&] { return spentBy(kBusy) >= std::chrono::milliseconds(100); });
  });
  worker.join();
  EXPECT_LT(spentBy(kAsleep), std::chrono::milliseconds(20));
  done = true;
  done.notify_all();
  sleeper.join();
}

TEST_F(CpuSamplerTest, ThreadsComeAndGoWhileItLooks) {
  for (std::uint32_t i = 1; i <= 50; ++i) {
    std::thread([i] {
      const base::HostThread known;
      const base::PluginScope scope(PluginMark{i});
      burnUntil([] { return true; });
    }).join();
  }
}

}  // namespace
}  // namespace revenge::runtime
