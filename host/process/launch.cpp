#include "process/launch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <limits>
#include <string_view>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace revenge::process {
namespace {

struct Failure {
  Step step;
  int error;
};

// Everything the child needs, made before the fork: between fork and exec it allocates nothing.
struct Prepared {
  std::vector<std::string> candidates;
  std::vector<char*> argv;
  std::vector<char*> environment;
  const char* folder;
  std::array<int, 3> stdio;
  std::array<char, 16> oom;
  std::size_t oom_size;
  const Program* program;
  pid_t parent;
  int report;
};

std::string_view pathOf(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment)
    if (variable.starts_with("PATH=")) return std::string_view(variable).substr(5);
  return "/usr/local/bin:/usr/bin:/bin";
}

std::vector<std::string> candidatesFor(const Program& program) {
  const std::string& name = program.argv.front();
  if (name.contains('/')) return {name};
  std::vector<std::string> found;
  std::string_view path = pathOf(program.environment);
  for (;;) {
    const std::size_t end = path.find(':');
    const std::string_view folder = path.substr(0, end);
    // An empty entry would be the working folder: nobody means that.
    if (!folder.empty()) found.push_back(std::string(folder) + "/" + name);
    if (end == std::string_view::npos) return found;
    path.remove_prefix(end + 1);
  }
}

std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast): as execve wants it
  pointers.push_back(nullptr);
  return pointers;
}

// From here on in the child, which shares the memory of the warden until it execs: system calls alone.

[[noreturn]] void give_up(const Prepared& prepared, Step step, int error) {
  const Failure failure{step, error};
  [[maybe_unused]] const auto wrote = ::write(prepared.report, &failure, sizeof failure);
  ::_exit(127);
}

bool limitTo(__rlimit_resource resource, const std::optional<std::uint64_t>& value) {
  if (!value) return true;
  const rlimit limit{*value, *value};
  return ::setrlimit(resource, &limit) == 0;
}

bool limitAll(const ResourceLimits& limits) {
  return limitTo(RLIMIT_CORE, 0) && limitTo(RLIMIT_CPU, limits.cpu_seconds) &&
         limitTo(RLIMIT_AS, limits.address_space_bytes) && limitTo(RLIMIT_FSIZE, limits.file_bytes) &&
         limitTo(RLIMIT_NOFILE, limits.open_files);
}

bool setNiceness(int change) {
  if (change == 0) return true;
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  return (now != -1 || errno == 0) && ::setpriority(PRIO_PROCESS, 0, now + change) == 0;
}

bool setIoPriority(const std::optional<IoPriority>& wish) {
  if (!wish) return true;
  constexpr int kWhoProcess = 1;
  constexpr int kClassShift = 13;
  const int priority = wish->level >= kIoIdle ? 3 << kClassShift : (2 << kClassShift) | wish->level;
  return ::syscall(SYS_ioprio_set, kWhoProcess, 0, priority) == 0;
}

bool setOom(const Prepared& prepared) {
  if (prepared.oom_size == 0) return true;
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool wrote =
      ::write(file, prepared.oom.data(), prepared.oom_size) == static_cast<ssize_t>(prepared.oom_size);
  const int error = errno;
  ::close(file);
  errno = error;
  return wrote;
}

// What was given has numbers above 2: the warden has /dev/null on those.
bool placeStdio(const Prepared& prepared) {
  for (int i = 0; i < 3; ++i)
    if (::dup2(prepared.stdio[static_cast<std::size_t>(i)], i) < 0) return false;
  // Marked instead of closed, so that the report stays until exec.
  return ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

int tryAll(const Prepared& prepared) {
  int error = ENOENT;
  for (const std::string& candidate : prepared.candidates) {
    ::execve(candidate.c_str(), prepared.argv.data(), prepared.environment.data());
    // As execvp: what may not be run is told, unless another folder has one that may.
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  return error;
}

[[noreturn]] void become(const Prepared& prepared) {
  const auto expect = [&](bool done, Step step) {
    if (!done) give_up(prepared, step, errno);
  };
  const Program& program = *prepared.program;
  expect(
      ::setsid() >= 0 && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0,
      Step::kSession);
  if (::getppid() != prepared.parent) ::_exit(127);  // it died before it could be noticed
  expect(setNiceness(program.niceness), Step::kNiceness);
  expect(setIoPriority(program.io_priority), Step::kIoPriority);
  expect(setOom(prepared), Step::kOom);
  expect(::chdir(prepared.folder) == 0, Step::kFolder);
  expect(placeStdio(prepared), Step::kStdio);
  expect(limitAll(program.limits), Step::kLimits);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);  // NOLINT(concurrency-mt-unsafe): one thread
  give_up(prepared, Step::kExec, tryAll(prepared));
}

Prepared prepare(const StartChild& start, const base::UniqueFd& null, int report) {
  const Program& program = start.program;
  Prepared prepared{};
  prepared.candidates = candidatesFor(program);
  prepared.argv = pointersTo(program.argv);
  prepared.environment = pointersTo(program.environment);
  prepared.folder = program.folder.empty() ? "/" : program.folder.c_str();
  for (std::size_t i = 0; i < 3; ++i)
    prepared.stdio.at(i) = start.stdio.at(i) ? start.stdio.at(i).get() : null.get();
  if (program.oom_score_adj) {
    const auto written = std::to_chars(prepared.oom.begin(), prepared.oom.end(), *program.oom_score_adj);
    prepared.oom_size = static_cast<std::size_t>(written.ptr - prepared.oom.data());
  }
  prepared.program = &program;
  prepared.parent = ::getpid();
  prepared.report = report;
  return prepared;
}

}  // namespace

Launched launch(const StartChild& start, const base::UniqueFd& null) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return {0, Step::kFork, errno};
  const base::UniqueFd heard(ends[0]);
  base::UniqueFd report(ends[1]);
  const Prepared prepared = prepare(start, null, report.get());
  // The copy of a page table costs more than all else here; the child touches nothing of ours and execs.
  // NOLINTNEXTLINE(bugprone-unsafe-functions) one thread, and the child makes system calls alone: docs/decisions/0015
  const pid_t pid = ::vfork();  // NOLINT(*insecureAPI.vfork)
  if (pid == 0) become(prepared);
  const int error = errno;
  report.reset();
  if (pid < 0) return {0, Step::kFork, error};
  Failure failure{};
  ssize_t got = 0;
  do {
    got = ::read(heard.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof failure) return {pid, Step::kExec, 0};
  ::waitpid(pid, nullptr, 0);
  return {0, failure.step, failure.error};
}

}  // namespace revenge::process
