#include <atomic>
#include <thread>

#include "module/loader.hpp"
#include "module/retired.hpp"
#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

TEST(LoaderThreads, ExamineLoadAndUnloadAtOnce) {
  const TempDir root;
  const base::SystemClock clock;
  const auto loader = std::move(*Loader::make({.privateFolder = root / "private",
                                               .stateFolder = root / "state",
                                               .hostProgram = REVENGE_ZOO_PROBE,
                                               .probeDeadline = std::chrono::seconds(60)},
                                              clock));
  Retired retired;
  const auto everyThreadIsOurs = [](pid_t) { return true; };
  std::atomic<int> loaded{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) {
        auto candidate = loader->examine(zooPackage("good"));
        ASSERT_TRUE(candidate) << candidate.error().message;
        auto image = loader->load(std::move(*candidate));
        ASSERT_TRUE(image) << image.error().message;
        loaded += (*image)->descriptor().id == "good" ? 1 : 0;
        retired.add(std::move(*image), {"waits for the sweep"});
        retired.sweep(everyThreadIsOurs);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  retired.sweep(everyThreadIsOurs);
  EXPECT_EQ(loaded, 20);
  EXPECT_EQ(retired.count(), 0u);
}

}  // namespace
}  // namespace revenge::module
