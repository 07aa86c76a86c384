// How the fake host ends an instance: as the host does. Threads are asked to end before stop() and joined behind it.
#include <atomic>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::FakeHost;

// What happened to the instance; it outlives it.
struct Seen {
  std::atomic<bool> asked = false;     // the thread saw the request to stop
  std::atomic<bool> released = false;  // stop() lets the thread end
  std::atomic<bool> ended = false;
  bool askedBeforeStop = false;
  bool endedBeforeStopReturned = true;
  bool endedBeforeDestroy = false;
};
Seen* seen = nullptr;

struct Threaded : Plugin<> {
  explicit Threaded(Host& host) {
    host.spawn().thread("works", [](const StopToken& stop) {
      while (stop.sleep(1h)) {
      }
      seen->asked = true;
      seen->asked.notify_all();
      seen->released.wait(false);
      seen->ended = true;
    });
  }
  ~Threaded() { seen->endedBeforeDestroy = seen->ended; }

  // Would never return where threads are asked to end only behind it, and never be called where they are joined before.
  Status stop() override {
    seen->asked.wait(false);
    seen->askedBeforeStop = true;
    seen->endedBeforeStopReturned = seen->ended;
    seen->released = true;
    seen->released.notify_all();
    return {};
  }
};

TEST(TakeDown, ThreadsAreAskedToEndBeforeStopAndJoinedBehindIt) {
  Seen mine;
  seen = &mine;
  {
    FakeHost fake;
    const auto plugin = fake.load<Threaded>();
    fake.spawn().awaitSleeping(1);
  }
  EXPECT_TRUE(mine.askedBeforeStop);
  EXPECT_FALSE(mine.endedBeforeStopReturned);
  EXPECT_TRUE(mine.endedBeforeDestroy);
}

// Its start fails while its thread runs: no stop() follows, and the thread has ended before the instance does.
struct Failing : Threaded {
  explicit Failing(Host& host) : Threaded(host) { seen->released = true; }
  Status start() override { return fail(Errc::kUnavailable, "no disk"); }
};

TEST(TakeDown, AFailedStartIsFollowedByNoStop) {
  Seen mine;
  seen = &mine;
  FakeHost fake;
  const auto loaded = fake.tryLoad<Failing>();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().message, "no disk");
  EXPECT_FALSE(mine.askedBeforeStop);
  EXPECT_TRUE(mine.endedBeforeDestroy);
}

}  // namespace
}  // namespace revenge
