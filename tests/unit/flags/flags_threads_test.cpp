#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "flags/flags.hpp"
#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

std::string generation(int number) {
  return fileOf(
      fmt::format("  a: {{type: integer, default: x, variants: [{{name: x, value: {0}}}]}}\n"
                  "  b: {{type: string, default: v{0}, variants: [{{name: v{0}, value: \"{0}\"}}]}}\n",
                  number));
}

TEST(FlagsThreads, F17_EachEvaluationIsWhollyOldOrNewWhileFilesAreSwapped) {
  constexpr int kSwaps = 1000;
  const base::SystemClock clock;
  observe::Metrics metrics;
  Flags flags(clock, metrics);
  flags.publish(defined(generation(0)));
  const FlagId a = flags.id("a").value();
  const FlagId b = flags.id("b").value();

  std::atomic<int> published = 0;
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::atomic<int> stale = 0;
  std::atomic<std::int64_t> evaluations = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!done.load()) {
        const int atLeast = published.load();
        const Outcome outcome = flags.evaluate(b, Type::kString, {"ada"});
        if (outcome.variant == nullptr || outcome.variant->name != "v" + outcome.variant->text) ++torn;
        const Outcome number = flags.evaluate(a, Type::kInteger, {"ada"});
        const int seen = number.variant == nullptr ? -1 : static_cast<int>(number.variant->number);
        if (seen < atLeast || seen < last) ++stale;
        last = seen;
        evaluations.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  int told = 0;
  int early = 0;
  const auto subscription = flags.subscribe([&](const Change& change) {
    ++told;
    const auto now = flags.evaluate(a, Type::kInteger, {"ada"});
    if (change.keys.size() != 2 || static_cast<int>(now.variant->number) != told) ++early;
  });
  for (int i = 1; i <= kSwaps; ++i) {
    flags.publish(defined(generation(i)));
    published = i;
  }
  while (evaluations.load() < 8) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();

  EXPECT_EQ(torn, 0);
  EXPECT_EQ(stale, 0) << "who knows of a publish sees it, and nobody goes back";
  EXPECT_EQ(told, kSwaps);
  EXPECT_EQ(early, 0) << "a change is told when it is in force";
}

TEST(FlagsThreads, SubscribersComeAndGoDuringPublishes) {
  const base::SystemClock clock;
  observe::Metrics metrics;
  Flags flags(clock, metrics);
  std::atomic<bool> done = false;
  std::atomic<int> late = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done.load()) {
        auto alive = std::make_unique<std::atomic<bool>>(true);
        {
          const auto subscription = flags.subscribe([&late, seen = alive.get()](const Change&) {
            if (!seen->load()) ++late;
          });
          std::this_thread::yield();
        }
        *alive = false;
      }
    });
  }
  for (int i = 0; i < 200; ++i) flags.publish(defined(generation(i)));
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace revenge::flags
