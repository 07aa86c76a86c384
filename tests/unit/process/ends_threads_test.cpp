#include <fmt/format.h>
#include <sys/resource.h>

#include "unit/process/process_fixture.hpp"

namespace revenge::process {
namespace {

using base::Errc;

TEST_F(ProcessTest, CollectsWhatAChildSays) {
  const Outcome outcome = run(shell("echo out; echo err >&2"));
  EXPECT_EQ(outcome.how, How::kExited);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
  EXPECT_GT(outcome.max_rss_bytes, 0U);
  EXPECT_GT(outcome.wall.count(), 0);
  EXPECT_EQ(metric(R"(revenge_children_ended_total{how="exited",plugin="p"})"), 1);
  EXPECT_EQ(metric(R"(revenge_children_running{plugin="p"})"), 0);
  EXPECT_TRUE(log_.said("child ended"));
}

TEST_F(ProcessTest, ArgumentsArriveByteForByte) {
  const std::vector<std::string> odd{"",  " ",      "a b",          "\"'`$(x)\\", "-n",
                                     "*", "\n\t\r", "\xff\xfe\x80", "#",          "end\n"};
  std::vector<std::string> argv{"printf", "%s\\0"};
  argv.insert(argv.end(), odd.begin(), odd.end());
  std::string expected;
  for (const std::string& one : odd) expected += one + '\0';
  EXPECT_EQ(run(command(argv)).out, expected);
}

TEST_F(ProcessTest, LongArgumentsTravelToo) {
  std::vector<std::string> argv{"printf", "%s"};
  std::string expected;
  for (int i = 0; i < 12; ++i) {
    argv.emplace_back(100'000, static_cast<char>('a' + i));
    expected += argv.back();
  }
  Command asked = command(argv);
  asked.out.max_bytes = 2U << 20U;
  EXPECT_EQ(run(std::move(asked)).out, expected);
}

TEST_F(ProcessTest, TellsEveryExitCodeAsASuccessOfTheCall) {
  for (const int code : {0, 1, 2, 126, 127, 255}) {
    const Outcome outcome = run(shell("exit " + std::to_string(code)));
    EXPECT_EQ(outcome.how, How::kExited);
    EXPECT_EQ(outcome.exit_code, code);
    EXPECT_EQ(outcome.signal, 0);
  }
}

TEST_F(ProcessTest, TellsTheSignalThatEndedIt) {
  for (const int signal : {SIGKILL, SIGTERM, SIGSEGV, SIGHUP, SIGPIPE}) {
    const Outcome outcome = run(shell("kill -" + std::to_string(signal) + " $$"));
    EXPECT_EQ(outcome.how, How::kSignalled);
    EXPECT_EQ(outcome.signal, signal);
  }
}

TEST_F(ProcessTest, NamesTheProgramThatCannotBeRun) {
  base::Error error = fails(command({"no-such-program"}));
  EXPECT_EQ(error.code, Errc::kNotFound);
  EXPECT_EQ(error.message,
            "no-such-program: not in PATH=/usr/local/bin:/usr/bin:/bin: No such file or directory");
  error = fails(command({"/etc/passwd"}));
  EXPECT_EQ(error.code, Errc::kRefused);
  EXPECT_EQ(error.message, "/etc/passwd: the program cannot be run: Permission denied");
  Command elsewhere = command({"true"});
  elsewhere.program.folder = "/no/such/folder";
  error = fails(std::move(elsewhere));
  EXPECT_EQ(error.code, Errc::kNotFound);
  EXPECT_EQ(error.message, "true: working directory '/no/such/folder': No such file or directory");
  error = fails(command({"true", std::string(200'000, 'x')}));
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.message, "true: the program cannot be run: Argument list too long");
  EXPECT_EQ(metric(R"(revenge_children_not_started_total{plugin="p"})"), 4);
  EXPECT_EQ(metric(R"(revenge_children_started_total{plugin="p"})"), 0);
}

TEST_F(ProcessTest, RefusesWhatNoChildCanBe) {
  const auto refused = [this](Command command) {
    const auto child = processes_->prepare(std::move(command));
    EXPECT_FALSE(child);
    return child ? "" : child.error().message;
  };
  EXPECT_EQ(refused(command({})), "argv: the program is missing");
  EXPECT_EQ(refused(command({""})), "argv: the program is missing");
  EXPECT_EQ(refused(command({"true", std::string("a\0b", 3)})), "argv: 'a' has a zero byte");
  Command asked = command({"true"});
  asked.program.environment = {"=x"};
  EXPECT_EQ(refused(asked), "environment: '=x' has no name");
  asked = command({"true"});
  asked.program.folder = "here";
  EXPECT_EQ(refused(asked), "working directory 'here': expected an absolute path");
}

TEST_F(ProcessTest, TheEnvironmentIsSmallAndClean) {
  ::setenv("REVENGE_SECRET", "of the host", 1);  // NOLINT(concurrency-mt-unsafe): before any thread asks
  Command asked = command({"env"});
  asked.program.environment = {"FILM=Metropolis", "LANG=de_DE.UTF-8"};
  asked.program.folder = "/usr";
  std::set<std::string> variables;
  std::istringstream said(run(std::move(asked)).out);
  for (std::string line; std::getline(said, line);) variables.insert(line);
  EXPECT_EQ(variables, (std::set<std::string>{"FILM=Metropolis", "LANG=de_DE.UTF-8",
                                              "PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=/tmp"}));
  asked = command({"pwd"});
  asked.program.folder = "/usr";
  EXPECT_EQ(run(std::move(asked)).out, "/usr\n");
}

TEST_F(ProcessTest, SignalsDescriptorsAndSessionAreItsOwn) {
  // Of the child itself, not of what a shell makes of it.
  EXPECT_EQ(run(command({"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"})).out,
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(run(command({"ls", "/proc/self/fd"})).out, "0\n1\n2\n3\n");  // the last one is the folder
  std::istringstream said(run(command({"sh", "-c", "ps -o pid=,sid=,pgid= $$"})).out);
  long pid = 0;
  long session = 0;
  long group = 0;
  said >> pid >> session >> group;
  EXPECT_GT(pid, 0);
  EXPECT_EQ(pid, session);
  EXPECT_EQ(pid, group);
}

TEST_F(ProcessTest, PrioritiesAndLimitsAreTheChilds) {
  Command asked = shell("cat /proc/self/limits /proc/self/oom_score_adj; ps -o ni= $$; ionice -p $$");
  asked.program.niceness = 7;
  asked.program.io_priority = IoPriority{6};
  asked.program.oom_score_adj = 500;
  asked.program.limits = {
      .cpu_seconds = 77, .address_space_bytes = 1ULL << 32U, .file_bytes = 12345, .open_files = 33};
  const int own = ::getpriority(PRIO_PROCESS, 0);
  const std::string said = run(std::move(asked)).out;
  const auto limit = [&](const std::string& name) {
    const auto at = said.find(name);
    std::istringstream rest(at == std::string::npos ? "" : said.substr(at + name.size()));
    std::string soft;
    rest >> soft;
    return soft;
  };
  EXPECT_EQ(limit("Max core file size"), "0");
  EXPECT_EQ(limit("Max cpu time"), "77");
  EXPECT_EQ(limit("Max address space"), "4294967296");
  EXPECT_EQ(limit("Max file size"), "12345");
  EXPECT_EQ(limit("Max open files"), "33");
  EXPECT_TRUE(said.contains("\n500\n")) << said;
  EXPECT_TRUE(said.contains(fmt::format(" {}\n", own + 7))) << said;
  EXPECT_TRUE(said.contains("best-effort: prio 6")) << said;
}

TEST_F(ProcessTest, ALimitThatIsReachedEndsIt) {
  Command busy = shell("while :; do :; done");
  busy.program.limits.cpu_seconds = 1;
  const Outcome outcome = run(std::move(busy));
  EXPECT_EQ(outcome.how, How::kSignalled);
  EXPECT_GE(outcome.user + outcome.system, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace revenge::process
