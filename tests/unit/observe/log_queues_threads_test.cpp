#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "observe/log_queues.hpp"

namespace revenge::observe {
namespace {

class Queues : public testing::Test {
 protected:
  LogQueues::Pushed push(std::int64_t number, std::string_view message = "m") {
    const Attribute attribute("n", number);
    LogRecord record{};
    record.message = message;
    record.attributes = std::span(&attribute, 1);
    return queues->push(record);
  }
  std::vector<std::int64_t> taken() {
    std::vector<std::int64_t> numbers;
    queues->takeAll([&](const LogRecord& record) {
      numbers.push_back(std::get<std::int64_t>(record.attributes[0].value));
    });
    return numbers;
  }

  std::shared_ptr<LogQueues> queues = std::make_shared<LogQueues>(0);
};

TEST_F(Queues, KeepTheOrderOfAThreadWhileAnotherTakes) {
  constexpr std::int64_t kLines = 20000;
  std::atomic<bool> ended{false};
  std::int64_t lost = 0;
  std::vector<std::int64_t> all;
  std::jthread writer([&] {
    for (std::int64_t i = 0; i < kLines; ++i) lost += push(i) == LogQueues::Pushed::kLost ? 1 : 0;
    ended = true;
  });
  for (bool last = false; !last;) {
    last = ended;
    for (const std::int64_t number : taken()) all.push_back(number);
  }
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  EXPECT_EQ(static_cast<std::int64_t>(all.size()) + lost, kLines);
  EXPECT_EQ(static_cast<std::int64_t>(queues->lost()), lost);
}

TEST_F(Queues, OfAThreadThatEndedIsEmptiedAndPassesOn) {
  for (std::int64_t i = 0; i < 10; ++i) {
    std::jthread([&] { push(i); }).join();
    EXPECT_EQ(taken(), std::vector{i});
  }
  EXPECT_EQ(queues->queues(), 1U);
}

TEST_F(Queues, OfAThreadThatEndedIsNotGivenAwayBeforeItIsEmpty) {
  std::jthread([&] { push(1); }).join();
  std::jthread([&] { push(2); }).join();
  EXPECT_EQ(queues->queues(), 2U);
  EXPECT_EQ(taken().size(), 2U);
}

TEST_F(Queues, CountWhatDoesNotFitAndTakeTheNextOnceThereIsRoom) {
  const std::string large(4000, 'x');
  std::int64_t fitted = 0;
  while (push(fitted, large) != LogQueues::Pushed::kLost) ++fitted;
  EXPECT_GE(fitted, 16);
  EXPECT_EQ(queues->lost(), 1U);
  EXPECT_EQ(static_cast<std::int64_t>(taken().size()), fitted);
  EXPECT_NE(push(0, large), LogQueues::Pushed::kLost);
  EXPECT_EQ(taken(), std::vector<std::int64_t>{0});
}

TEST_F(Queues, TakeALineOfAThreadThatIsEnding) {
  struct Late {
    std::function<void()> last;
    ~Late() {
      if (last) last();
    }
  };
  std::jthread([&] {
    thread_local Late late;  // made before the thread's queue, so it ends after it
    late.last = [&] { push(2); };
    push(1);
  }).join();
  EXPECT_EQ(taken().size(), 2U);
}

TEST_F(Queues, MayEndBeforeTheThreadsThatUsedThem) {
  std::atomic<int> step{0};
  std::jthread user([&] {
    push(1);
    step = 1;
    step.notify_all();
    step.wait(1);
  });
  step.wait(0);
  queues.reset();
  step = 2;
  step.notify_all();
}

}  // namespace
}  // namespace revenge::observe
