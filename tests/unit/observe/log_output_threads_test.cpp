#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/log_output.hpp"
#include "unit/sanitized.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A pipe nobody reads until drain() is called stands for every output that is too slow.
class SlowLogOutput : public testing::Test {
 protected:
  SlowLogOutput() {
    std::signal(SIGPIPE, SIG_IGN);  // as the host does: the writer that is left behind outlives the reader
    std::string pattern = (fs::temp_directory_path() / "revenge-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    const fs::path path = folder / "pipe";
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    reader = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // a writer too, so that neither side waits to open
    EXPECT_GE(::fcntl(reader, F_SETPIPE_SZ, 4096), 0);
    output = *LogOutput::open(
        clock, metrics,
        {.standard_error = LogStderr::kOff, .file = path, .queue_bytes = 4096, .close_timeout = 20ms});
  }
  ~SlowLogOutput() override {
    output.reset();
    ::close(reader);
    fs::remove_all(folder);
  }

  void say(std::string_view message) { output->write({{}, Level::kInfo, "test", {}, message, {}, {}}); }

  // Until the writer is stuck in the full pipe and its queue is full as well.
  void fill() {
    const std::string line(1000, 'x');
    do {
      for (const std::uint64_t lost = output->lost(); output->lost() == lost;) say(line);
    } while (output->flush(20ms));
  }

  std::string readUntil(std::string_view end) const {
    std::string all;
    std::array<char, 4096> part{};
    while (!all.contains(end)) {
      const ssize_t got = ::read(reader, part.data(), part.size());
      if (got <= 0) break;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  base::SystemClock clock;
  Metrics metrics;
  fs::path folder;
  int reader = -1;
  std::unique_ptr<LogOutput> output;
};

TEST_F(SlowLogOutput, NeverBlocksWhoLogsAndReportsTheLoss) {
  fill();  // returns: no write waits for the pipe
  say(std::string(5000, 'y'));
  EXPECT_GE(output->lost(), 2U);
  EXPECT_THAT(readUntil("this output is too slow lost="), testing::HasSubstr("log lines were lost, "));
  // What is lost is told at most once a second.
  const auto counted = [&] {
    return metrics.render().contains(fmt::format("revenge_log_lost_lines_total {}\n", output->lost()));
  };
  const base::Instant patience = clock.now() + 20s;
  bool told = counted();
  for (; !told && clock.now() < patience; told = counted()) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(told) << output->lost() << " lost\n" << metrics.render();
}

TEST_F(SlowLogOutput, EndsWithinItsTimeoutWithAWriterThatIsStuck) {
  fill();
  output.reset();  // returns: the writer is left behind
  EXPECT_THAT(readUntil("\n"), testing::HasSubstr("xxx"));
}

TEST_F(SlowLogOutput, KeepsTheLinesOfManyThreadsWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kLines; ++i) say(fmt::format("begin-{}-{}-end", t, i));
    });
  }
  std::jthread ender([&] {
    threads.clear();
    while (!output->flush(1ms)) {
    }
    say("finished");
  });
  std::size_t whole = 0;
  const std::string all = readUntil("finished");
  for (std::string_view rest = all; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.contains("begin-")) {
      EXPECT_TRUE(line.ends_with("-end")) << line;
      ++whole;
    }
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  EXPECT_EQ(whole + output->lost(), kThreads * kLines);
}

TEST_F(SlowLogOutput, L7_CountsEveryLineABlockedOutputMissesAndTellsIt) {
  constexpr std::uint64_t kLines = 2000;
  const base::Instant begin = clock.now();
  for (std::uint64_t i = 0; i < kLines; ++i) say(fmt::format("line-{}-end", i));
  EXPECT_LT(clock.now() - begin, 5s);  // nobody reads: a caller that waited would wait for ever
  (void)output->flush(20ms);
  const std::uint64_t lost = output->lost();
  EXPECT_GT(lost, 0U);
  std::jthread ender([&] {
    while (!output->flush(1ms)) {
    }
    say("finished");
  });
  const std::string all = readUntil("finished");
  std::uint64_t written = 0;
  std::uint64_t told = 0;
  std::size_t summaries = 0;
  for (std::size_t at = 0; at < all.size();) {
    const std::string_view line = std::string_view(all).substr(at, all.find('\n', at) - at);
    written += line.contains("line-") ? 1 : 0;
    if (const std::size_t count = line.find("slow lost="); count != std::string_view::npos) {
      ++summaries;
      told += std::stoull(std::string(line.substr(count + 10)));
    }
    at += line.size() + 1;
  }
  EXPECT_EQ(written + lost, kLines);
  EXPECT_EQ(told, lost);
  EXPECT_GE(summaries, 1U);
  EXPECT_LE(summaries,
            2U);  // once for each time that the output stood: the reader may pause between two pipes full
}

class FastLogOutput : public testing::Test {
 protected:
  FastLogOutput() {
    std::string pattern = (fs::temp_directory_path() / "revenge-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    output = *LogOutput::open(clock, metrics, {.standard_error = LogStderr::kOff, .file = folder / "log"});
  }
  ~FastLogOutput() override { fs::remove_all(folder); }

  void say(std::size_t thread, std::size_t number) {
    const Attribute attributes[] = {{"t", thread}, {"n", number}};
    output->write({clock.wall(), Level::kInfo, "test", {}, "line", {}, attributes});
  }
  // How often each line stands in the files of the folder; and the lines of a file rise.
  std::map<std::string, int> lines() const {
    std::map<std::string, int> found;
    for (const auto& file : fs::directory_iterator(folder)) {
      std::ifstream in(file.path());
      for (std::string line; std::getline(in, line);) {
        if (line.contains(" line ")) ++found[line.substr(line.find("t="))];
      }
    }
    return found;
  }

  base::SystemClock clock;
  Metrics metrics;
  fs::path folder;
  std::unique_ptr<LogOutput> output;
};

TEST_F(FastLogOutput, L6_LosesAndDoublesNothingWhileTheFileIsMoved) {
  constexpr std::size_t kRate = kSanitized ? 20'000 : 100'000;  // lines a second, in one of them
  constexpr auto kBurst = 1ms;
  std::atomic<bool> ended{false};
  std::jthread mover([&] {
    for (int i = 0; !ended; ++i) {
      fs::rename(folder / "log", folder / fmt::format("log.{}", i));
      output->reopen();
      while (!ended && !fs::exists(folder / "log")) std::this_thread::yield();
      (void)output->flush(10s);
    }
  });
  base::Instant due = clock.now();
  std::size_t number = 0;
  while (number < kRate) {
    for (std::size_t i = 0; i < kRate / 1000; ++i) say(0, number++);
    std::this_thread::sleep_until(due += kBurst);
  }
  ended = true;
  mover.join();
  output.reset();
  const auto found = lines();
  EXPECT_EQ(found.size(), kRate);
  EXPECT_TRUE(std::ranges::all_of(found, [](const auto& line) { return line.second == 1; }));
}

TEST_F(FastLogOutput, L8_LinesDuringAndAfterTheStopAreWrittenOrCounted) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kLines = 2000;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < kLines; ++i) say(t, i);
      });
    }
    output->stop();
  }
  say(kThreads, 0);
  ASSERT_TRUE(output->flush(10s));
  const std::uint64_t lost = output->lost();
  output.reset();
  const auto found = lines();
  EXPECT_TRUE(found.contains("t=4 n=0"));
  EXPECT_EQ(found.size() + lost, kThreads * kLines + 1);
}

TEST_F(FastLogOutput, ATapIsToldOfEveryRecordAndOfNoneOnceItIsDetached) {
  struct Tap final : LogTap {
    std::size_t records = 0;
    void record(const LogRecord& record) noexcept override { records += record.message == "line" ? 1 : 0; }
  };
  auto tap = std::make_unique<Tap>();
  output->attach(*tap);
  for (std::size_t i = 0; i < 100; ++i) say(0, i);
  ASSERT_TRUE(output->flush(10s));
  output->detach(*tap);
  EXPECT_EQ(tap->records, 100U);
  tap.reset();
  say(0, 100);
  ASSERT_TRUE(output->flush(10s));
  EXPECT_EQ(lines().size(), 101U);
}

TEST_F(FastLogOutput, NoticesThatItsFileWasDeleted) {
  say(0, 0);
  ASSERT_TRUE(output->flush(10s));
  fs::remove(folder / "log");
  // It looks once a second of the lines' own time.
  const auto at = [&](std::chrono::seconds when) {
    output->write({clock.wall() + when, Level::kInfo, "test", {}, "after", {}, {}});
    EXPECT_TRUE(output->flush(10s));
  };
  at(2s);
  EXPECT_TRUE(fs::exists(folder / "log"));
}

}  // namespace
}  // namespace revenge::observe
