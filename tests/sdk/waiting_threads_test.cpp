// What crosses threads: blocking waits, spawned threads, timers that end while they run, configuration snapshots.
#include <barrier>
#include <thread>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::Ask;
using testing::FakeHost;
using testing::Reply;

struct Config {
  int number = 0;
};
REVENGE_CONFIG(Config, number)

class Wired : public Plugin<Config> {
 public:
  using Plugin::config;
  using Plugin::host;
  void configure(const Config& /*next*/) override {
  }  // changes are taken while it runs: they are read in place
};

struct ThreadsTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
};

// A provider that completes on a thread of its own, at once: the completion races the answer PENDING.
struct Echo {
  static inline std::vector<std::thread> threads;
  static revenge_status read(const revenge_host*, revenge_handle, revenge_view*,
                             const revenge_completion* done, revenge_error*) {
    threads.emplace_back(
        [copy = *done] { copy.complete(copy.context, REVENGE_OK, boundary::view("piece"), nullptr); });
    return REVENGE_PENDING;
  }
};

TEST_F(ThreadsTest, WaitsForACompletionFromAnotherThread) {
  static revenge_http table = boundary::sized<revenge_http>();
  table.body_read = &Echo::read;
  auto api = boundary::sized<revenge_host_api>();
  api.query = [](const revenge_host*, revenge_view id) -> const void* {
    return boundary::text(id) == REVENGE_HTTP_ID ? &table : nullptr;
  };
  Host other(api);
  const BodyReader reader(other, 1);
  int blocked = 0;
  std::atomic<int> resumed = 0;
  for (int i = 0; i < 200; ++i) {
    if (*reader.read().wait() == "piece") ++blocked;
    run(other, [](BodyReader from, std::atomic<int>& to) -> Task<> {
      if (**co_await from.read() == "piece") ++to;
    }(reader, resumed));
  }
  for (std::thread& thread : Echo::threads) thread.join();
  Echo::threads.clear();
  EXPECT_EQ(blocked, 200);
  EXPECT_EQ(resumed, 200);
}

TEST_F(ThreadsTest, SleepsUntilTheClockPassesOrStopIsAskedFor) {
  std::atomic<int> ticks = 0;
  Thread thread = host.spawn().thread("ticker", [&](const StopToken& stop) {
    while (stop.sleep(1s)) ++ticks;
  });
  fake.spawn().awaitSleeping(1);
  fake.advance(1s);
  thread.end();
  EXPECT_LE(ticks, 1);
}

TEST_F(ThreadsTest, WaitsForAThreadsReturnBeforeItsOwnerGoes) {
  std::string written;
  {
    std::barrier running(2);
    const Thread thread = host.spawn().thread("worker", [&](const StopToken& stop, const Call&) {
      running.arrive_and_wait();
      while (!stop.stopRequested()) std::this_thread::yield();
      written = "all";
    });
    running.arrive_and_wait();
  }
  EXPECT_EQ(written, "all");
}

TEST_F(ThreadsTest, LetsNoTimerRunGoOnAfterItsOwnerHasGone) {
  for (int round = 0; round < 50; ++round) {
    auto guarded = std::make_unique<int>(0);
    Timer timer = host.timers().every(1ms, [&guarded] { ++*guarded; });
    std::barrier start(2);
    std::thread clock([&] {
      start.arrive_and_wait();
      fake.advance(3ms);
    });
    start.arrive_and_wait();
    timer.end();
    guarded.reset();
    clock.join();
  }
  EXPECT_EQ(fake.timers().pending(), 0U);
}

TEST_F(ThreadsTest, ReadsWholeConfigurationsWhileTheyChange) {
  std::atomic<bool> done = false;
  bool wentBack = false;
  std::thread reader([&] {
    int last = 0;
    while (!done) {
      const int number = plugin->config().number;
      wentBack = wentBack || number < last;
      last = number;
    }
  });
  for (int i = 1; i <= 200; ++i) ASSERT_TRUE(plugin.configure("{\"number\": " + std::to_string(i) + "}"));
  done = true;
  reader.join();
  EXPECT_FALSE(wentBack);
  EXPECT_EQ(plugin->config().number, 200);
}

}  // namespace
}  // namespace revenge
