#include "observe/crash_handler.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/host_threads.hpp"
#include "observe/code_map.hpp"
#include "observe/crash_record.hpp"
#include "unit/sanitized.hpp"

namespace revenge::observe {
namespace {

constexpr auto kMark = static_cast<base::PluginMark>(7);

[[gnu::noinline]] int overflow(volatile int* up) {
  volatile int here[512] = {};
  here[0] = *up + 1;
  return here[0] < 0 ? 0 : overflow(here) + here[1];
}

[[gnu::noinline]] void tear() { throw std::runtime_error("no more films"); }

class CrashHandlerTest : public ::testing::Test {
 protected:
  CrashHandlerTest() {
    std::string made = ::testing::TempDir() + "crash-XXXXXX";
    folder = ::mkdtemp(made.data());
  }
  ~CrashHandlerTest() override { std::filesystem::remove_all(folder); }

  // A process that does it, with the handler installed.
  CrashRecord recordOf(const std::function<void()>& deed) {
    const pid_t child = ::fork();
    if (child == 0) {
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      const auto handler = CrashHandler::install(folder / "record", "feed");
      nameMark(kMark, {"thumbs", "1.2.0", "5ha"});
      if (handler) deed();
      ::_exit(0);
    }
    ::waitpid(child, &status, 0);
    std::ifstream in(folder / "record");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto record = readCrash(text);
    EXPECT_TRUE(record) << "there is no record";
    return record.value_or(CrashRecord());
  }

  int status = 0;
  std::filesystem::path folder;
};

TEST_F(CrashHandlerTest, AFaultLeavesARecordAndTakesItsCourse) {
  const CrashRecord record = recordOf([] {
    const base::PluginScope plugin(kMark);
    const base::ActivityScope doing("start");
    volatile int* nowhere = reinterpret_cast<int*>(0x10);
    *nowhere = 1;
  });
  EXPECT_EQ(record.kind, "signal");
  EXPECT_EQ(record.signal, "SEGV");
  EXPECT_EQ(record.address, 0x10U);
  EXPECT_EQ(record.host_build, "feed");
  EXPECT_EQ(record.doing, "start");
  ASSERT_TRUE(record.inside);
  EXPECT_EQ(*record.inside, (BuildOfPlugin{"thumbs", "1.2.0", "5ha"}));
  EXPECT_GE(record.frames.size(), 2U);
  EXPECT_GT(record.time_s, 1'700'000'000);
  EXPECT_TRUE(record.complete);
  if (!kSanitized) {
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
  }
}

TEST_F(CrashHandlerTest, AStackThatOverflowsCanStillSaySo) {
  const CrashRecord record = recordOf([] {
    std::thread([] {
      const base::HostThread known;
      const base::PluginScope plugin(kMark);
      volatile int zero = 0;
      static_cast<void>(overflow(&zero));
    }).join();
  });
  EXPECT_EQ(record.signal, "SEGV");
  ASSERT_TRUE(record.culprit());
  EXPECT_EQ(record.culprit()->id, "thumbs");
}

TEST_F(CrashHandlerTest, AnExceptionThatNobodyCatchesIsNamed) {
  const CrashRecord record = recordOf([]() noexcept { tear(); });
  EXPECT_EQ(record.signal, "ABRT");
  EXPECT_EQ(record.reason, "terminate: std::runtime_error: no more films");
}

TEST_F(CrashHandlerTest, ASignalThatSomebodySentEndsItToo) {
  for (const auto& [number, name] :
       {std::pair{SIGBUS, "BUS"}, {SIGFPE, "FPE"}, {SIGILL, "ILL"}, {SIGABRT, "ABRT"}, {SIGSYS, "SYS"}}) {
    const CrashRecord record = recordOf([number] { ::raise(number); });
    EXPECT_EQ(record.signal, name);
    EXPECT_FALSE(record.culprit());
    if (!kSanitized) {
      EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << name << ' ' << status;
    }
  }
}

TEST_F(CrashHandlerTest, ExitFromSomewhereElseThanMainIsTold) {
  const CrashRecord record = recordOf([] {
    const base::PluginScope plugin(kMark);
    const base::ActivityScope doing("/films");
    std::exit(0);
  });
  EXPECT_EQ(record.kind, "exit");
  EXPECT_EQ(record.doing, "/films");
  ASSERT_TRUE(record.culprit());
  EXPECT_EQ(record.culprit()->id, "thumbs");
}

TEST_F(CrashHandlerTest, OnceItIsGoneTheProcessEndsAsItLikes) {
  const pid_t child = ::fork();
  if (child == 0) {
    {
      const auto handler = CrashHandler::install(folder / "record", "feed");
    }
    std::exit(3);
  }
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  EXPECT_EQ(std::filesystem::file_size(folder / "record"), 0U);
}

TEST_F(CrashHandlerTest, WhereItCannotWriteItSaysWhere) {
  const auto handler = CrashHandler::install(folder / "none" / "record", "feed");
  ASSERT_FALSE(handler);
  EXPECT_NE(handler.error().message.find("none/record"), std::string::npos);
}

}  // namespace
}  // namespace revenge::observe
