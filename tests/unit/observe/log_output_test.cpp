#include "observe/log_output.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class LogOutputFile : public testing::Test {
 protected:
  LogOutputFile() {
    std::string pattern = (fs::temp_directory_path() / "revenge-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~LogOutputFile() override { fs::remove_all(folder); }

  base::Result<std::unique_ptr<LogOutput>> open(const fs::path& file, LogFormat format = LogFormat::kText) {
    return LogOutput::open(clock, metrics,
                           {.format = format, .standard_error = LogStderr::kOff, .file = file});
  }
  static void say(LogOutput& output, std::string_view message) {
    output.write({{}, Level::kInfo, "test", {}, message, {}, {}});
  }
  static std::string content(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  base::SystemClock clock;
  Metrics metrics;
  fs::path folder;
};

TEST_F(LogOutputFile, AppendsLinesInOrderAndFinishesThemAtTheEnd) {
  const fs::path file = folder / "host.log";
  std::ofstream(file) << "before\n";
  {
    auto output = open(file);
    ASSERT_TRUE(output) << output.error().message;
    say(**output, "one");
    say(**output, "two");
  }
  EXPECT_THAT(content(file), testing::MatchesRegex("before\n[^\n]*one\n[^\n]*two\n"));
}

TEST_F(LogOutputFile, WritesJsonWhenAsked) {
  auto output = open(folder / "host.log", LogFormat::kJson);
  ASSERT_TRUE(output);
  say(**output, "one");
  ASSERT_TRUE((*output)->flush(10s));
  EXPECT_EQ(content(folder / "host.log"),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"component\":\"test\",\"message\":"
            "\"one\"}\n");
}

TEST_F(LogOutputFile, GoesOnUnderTheNameAfterAReopen) {
  const fs::path file = folder / "host.log";
  auto output = open(file);
  ASSERT_TRUE(output);
  say(**output, "one");
  ASSERT_TRUE((*output)->flush(10s));
  fs::rename(file, folder / "host.log.1");
  (*output)->reopen();
  say(**output, "two");
  ASSERT_TRUE((*output)->flush(10s));
  EXPECT_THAT(content(folder / "host.log.1"), testing::EndsWith("one\n"));
  EXPECT_THAT(content(file), testing::EndsWith("two\n"));
}

TEST_F(LogOutputFile, KeepsTheOldFileAndSaysSoWhenReopeningFails) {
  const fs::path file = folder / "host.log";
  auto output = open(file);
  ASSERT_TRUE(output);
  fs::rename(file, folder / "old.log");
  fs::create_directory(file);
  (*output)->reopen();
  say(**output, "two");
  ASSERT_TRUE((*output)->flush(10s));
  EXPECT_THAT(content(folder / "old.log"),
              testing::AllOf(testing::HasSubstr("cannot be opened again"), testing::HasSubstr("two")));
}

TEST_F(LogOutputFile, RefusesAFileItCannotOpenAndNamesIt) {
  const auto output = open(folder);  // a folder is no file
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, base::Errc::kIo);
  EXPECT_THAT(output.error().message, testing::HasSubstr(folder.string()));
}

}  // namespace
}  // namespace revenge::observe
