#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "config/current.hpp"
#include "config/load.hpp"

namespace revenge::config {
namespace {

std::shared_ptr<const Snapshot> queueOf(int size) {
  const Inputs inputs{.file = {},
                      .overrides = {fmt::format("workers.queue={}", size), fmt::format("http.port={}", size)},
                      .plugins = {}};
  return load(inputs)->snapshot;
}

TEST(Current, AReadIsWhollyOldOrNew) {
  constexpr int kReplacements = 200;
  Current current(queueOf(1));
  std::atomic<bool> end{false};
  std::atomic<int> torn{0};
  std::atomic<int> back{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&, key = HostKey("/workers/queue")] {
      for (std::int64_t last = 0; !end;) {
        const Snapshot& values = current.read();
        const std::int64_t queue = values.integer(key);
        if (queue != values.integer("/http/port")) ++torn;
        if (queue < last) ++back;
        last = queue;
      }
    });
  }
  for (int i = 2; i <= kReplacements; ++i) (void)current.exchange(queueOf(i));
  end = true;
  readers.clear();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(back, 0);
  EXPECT_EQ(current.read().integer("/workers/queue"), kReplacements);
}

TEST(Current, WhatAThreadKeepsIsNotTakenForAnothers) {
  std::optional<Current> first(std::in_place, queueOf(1));
  EXPECT_EQ(first->read().integer("/workers/queue"), 1);
  first.reset();
  first.emplace(queueOf(2));
  const Current second(queueOf(3));
  EXPECT_EQ(first->read().integer("/workers/queue"), 2);
  EXPECT_EQ(second.read().integer("/workers/queue"), 3);
  EXPECT_EQ(first->read().integer("/workers/queue"), 2);
}

TEST(Current, AKeyThatWasLookedUpOnceIsReadByItsIndex) {
  const HostKey queue("/workers/queue");
  const HostKey share("/workers/plugin_share");
  const HostKey watch("/config/watch");
  Current current(queueOf(7));
  EXPECT_EQ(current.read().integer(queue), 7);
  EXPECT_EQ(current.read().number(share), 0.5);
  EXPECT_TRUE(current.read().boolean(watch));
  (void)current.exchange(queueOf(8));
  EXPECT_EQ(current.read().integer(queue), 8);
  EXPECT_THROW(HostKey("/workers"), std::logic_error);
  EXPECT_THROW(HostKey("/workers/queu"), std::logic_error);
}

TEST(Current, WhatIsKeptOutlivesItsReplacement) {
  Current current(queueOf(1));
  const auto kept = current.keep();
  EXPECT_EQ(current.exchange(queueOf(2)), kept);
  EXPECT_EQ(kept->integer("/workers/queue"), 1);
}

}  // namespace
}  // namespace revenge::config
