#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/log_output.hpp"

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
        metrics,
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

  Metrics metrics;
  fs::path folder;
  int reader = -1;
  std::unique_ptr<LogOutput> output;
};

TEST_F(SlowLogOutput, NeverBlocksWhoLogsAndReportsTheLoss) {
  fill();  // returns: no write waits for the pipe
  say(std::string(5000, 'y'));
  EXPECT_GE(output->lost(), 2U);
  EXPECT_THAT(readUntil("lost="), testing::HasSubstr("log lines were lost, this output is too slow lost="));
  EXPECT_THAT(metrics.render(),
              testing::HasSubstr(fmt::format("revenge_log_lost_lines_total {}\n", output->lost())));
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

}  // namespace
}  // namespace revenge::observe
