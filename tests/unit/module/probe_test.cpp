#include "module/probe.hpp"

#include <gmock/gmock.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ProbeTest : public testing::Test {
 protected:
  base::Result<ProbeReport> probe(std::string_view plugin, base::Duration deadline = 60s) {
    return Probe(REVENGE_ZOO_PROBE, clock_).run(zooLibrary(plugin), deadline);
  }
  std::string failure(std::string_view plugin, base::Duration deadline = 60s) {
    const auto report = probe(plugin, deadline);
    return report ? "accepted" : report.error().message;
  }

  base::SystemClock clock_;
};

TEST_F(ProbeTest, ReportsWhoThePluginIsAndThatItUnmaps) {
  const auto report = probe("good");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->id, "good");
  EXPECT_EQ(report->version, "1.0.0");
  EXPECT_TRUE(report->unmaps) << report->whyNot;
  EXPECT_TRUE(report->changes.empty()) << report->changes.front();
}

TEST_F(ProbeTest, NamesWhatAStaticInitialiserThrew) {
  EXPECT_EQ(failure("init-throws"), "a static initialiser threw std::runtime_error: no such table: films");
}

TEST_F(ProbeTest, NamesTheEndOfAProcessThatAStaticInitialiserEnded) {
  EXPECT_EQ(failure("init-exits"), "a static initialiser ended the process with exit code 7");
  EXPECT_THAT(failure("init-crashes"), HasSubstr("a static initialiser ended the process with "));
  EXPECT_THAT(failure("entry-crashes"), HasSubstr("revenge_plugin_entry ended the process with "));
}

TEST_F(ProbeTest, EndsAPluginThatHangsAtTheDeadline) {
  const auto report = probe("init-hangs", 300ms);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, base::Errc::kTimedOut);
  EXPECT_EQ(report.error().message, "a static initialiser did not end within 0.3 s");
}

TEST_F(ProbeTest, IsNotHeldUpByAProcessThatThePluginLeftBehind) {
  const auto before = clock_.now();
  EXPECT_TRUE(probe("init-forks"));
  EXPECT_LT(clock_.now() - before, 30s);
}

TEST_F(ProbeTest, PassesOnWhatTheLoaderSays) {
  EXPECT_THAT(failure("undefined"), HasSubstr("undefined symbol: nobody_has_this"));
  EXPECT_THAT(failure("entry-refuses"), HasSubstr("revenge_plugin_entry refused: no licence found"));
}

TEST_F(ProbeTest, ShowsChangesOfTheProcessAndThreadsLeftBehind) {
  const auto umask = probe("init-umask");
  ASSERT_TRUE(umask);
  EXPECT_THAT(umask->changes, testing::ElementsAre(HasSubstr("changes the umask from ")));
  const auto thread = probe("init-thread");
  ASSERT_TRUE(thread);
  EXPECT_FALSE(thread->unmaps);
  EXPECT_THAT(thread->whyNot, HasSubstr("which the host did not start"));
}

TEST_F(ProbeTest, FindsThatUnloadingWouldEndTheHost) {
  const auto report = probe("unload-crashes");
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->unmaps);
  EXPECT_THAT(report->whyNot, HasSubstr("in a trial, unloading it ended the process"));
}

TEST_F(ProbeTest, SaysWhichProgramItCouldNotStart) {
  const auto report = Probe("/nowhere/revenge", clock_).run(zooLibrary("good"), 1s);
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("/nowhere/revenge"));
}

TEST(ProbeReport, SurvivesTheWayThroughJson) {
  const ProbeReport report{.id = "a",
                           .version = "1.0.0",
                           .sdkVersion = "0.1.0",
                           .unmaps = false,
                           .whyNot = "quote \" and\nline",
                           .changes = {"umask"}};
  const auto again = probeReportFromJson(toJson(report));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->whyNot, report.whyNot);
  EXPECT_EQ(again->changes, report.changes);
  EXPECT_FALSE(probeReportFromJson("{}"));
  EXPECT_FALSE(probeReportFromJson("[1"));
}

}  // namespace
}  // namespace revenge::module
