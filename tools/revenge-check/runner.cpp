#include "revenge-check/runner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <cxxabi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module/descriptor.hpp"
#include "revenge-check/journal.hpp"

namespace revenge::check {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLook = std::chrono::milliseconds(20);  // at deadlines, while nothing ends
// A longer time between two looks is one in which the machine stood still, or had no processor for anybody.
constexpr std::chrono::nanoseconds kLongestLook = 5 * kLook;
constexpr off_t kOutputShown = 1500;

// Of the child, for handlers that have no argument.
Journal* journalOfChild = nullptr;

void onSignal(int number) {
  journalOfChild->crashed();
  ::raise(number);  // its default action: the handler was for once
}

[[noreturn]] void onTerminate() {
  std::array<char, 400> why{};
  const auto* type = abi::__cxa_current_exception_type();
  const char* name = type == nullptr ? "std::terminate was called" : type->name();
  const char* text = "";
  try {
    if (type != nullptr) throw;
  } catch (const std::exception& exception) {
    text = exception.what();
  } catch (...) {
    text = "";  // its type says what there is to say
  }
  int status = 0;
  char* plain = type == nullptr ? nullptr : abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::snprintf(why.data(), why.size(), "%s%s%s", plain == nullptr ? name : plain, *text == '\0' ? "" : ": ",
                text);
  journalOfChild->terminated(why.data());
  std::abort();
}

void limit(int resource, rlim_t value) {
  const rlimit limits{.rlim_cur = value, .rlim_max = value};
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limits);
}

void watchForCrashes() {
  static std::array<char, std::size_t{64} * 1024> stack;
  stack_t alternate{};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action{};
  action.sa_handler = onSignal;
  action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  ::sigaction(SIGABRT, &action, nullptr);
  if constexpr (sanitized()) return;  // they say more than a signal
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) ::sigaction(number, &action, nullptr);
}

[[noreturn]] void runHere(const Package& package, const Row& row, Journal& journal, const RunOptions& options,
                          int output) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  constexpr rlim_t kMemory = rlim_t{4} << 30;
  constexpr rlim_t kFile = rlim_t{1} << 30;
  constexpr rlim_t kFiles = 1024;
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, kFile);
  limit(RLIMIT_NOFILE, kFiles);
  if constexpr (!sanitized()) limit(RLIMIT_AS, kMemory);
  ::setenv("TMPDIR", options.scratch.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  journalOfChild = &journal;
  std::set_terminate(&onTerminate);
  watchForCrashes();
  Work work{.package = package, .journal = journal, .seed = options.seed};
  const auto self = ::getpid();
  try {
    row.run(work);
  } catch (const std::exception&
               exception) {  // beyond here are the parent's objects, which are not this process's to end
    journal.found(fmt::format("the row could not be run to its end: {}", exception.what()));
  }
  if (::getpid() == self) journal.finished();  // not a copy that the plugin has made of it
  ::_exit(0);                                  // what the plugin left must not run now
}

// The longest that any thread of the process was ready to run and did not.
std::chrono::nanoseconds waitForProcessor(pid_t process) {
  std::int64_t longest = 0;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), ignored)) {
    std::ifstream file(task.path() / "schedstat");
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (file >> ran >> waited) longest = std::max(longest, waited);
  }
  return std::chrono::nanoseconds(longest);
}

class Running {
 public:
  Running(const Package& package, const Row& row, const RunOptions& options)
      : row_(&row),
        journal_(Journal::make()),
        output_(::memfd_create("output", MFD_CLOEXEC)),
        timeout_(options.timeout) {
    id_ = ::fork();
    if (id_ == 0) runHere(package, row, *journal_, options, output_.get());
    ::setpgid(id_, id_);
    watch_ = module::Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { Journal::end(journal_); }

  const Row& row() const { return *row_; }
  int watched() const { return watch_.get(); }

  // Whether it has ended by itself; where it has not and is late, it is ended. `passed` since the look before.
  bool over(std::chrono::nanoseconds passed) {
    pollfd event{.fd = watch_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&event, 1, 0) == 1) return true;
    age_ += passed;
    const auto stays = journal_->stays();
    for (std::size_t i = 0; i < stays.size(); ++i) {
      auto& seen = seen_.at(i);
      seen.inside = stays.at(i).since == seen.since ? seen.inside + passed : std::chrono::nanoseconds(0);
      seen.since = stays.at(i).since;
      const auto& where = stays.at(i).where;
      if (seen.since != 0 && where.limit.count() != 0 && isLate(seen.inside, where.limit))
        late_ = fmt::format("{} did not return within {:g} s", where.phase,
                            std::chrono::duration<double>(where.limit).count());
    }
    if (!late_ && isLate(age_, timeout_))
      late_ = fmt::format("was not done within {:g} s, {}", std::chrono::duration<double>(timeout_).count(),
                          place());
    return late_.has_value();
  }

  Outcome outcome() {
    ::kill(-id_, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED) != 0 && errno == EINTR) {
    }
    const auto said = journal_->said();
    Outcome outcome{
        .row = row_, .findings = said.findings, .notes = said.notes, .took = Clock::now() - began_};
    if (said.notRun) outcome.why = *said.notRun;
    // What could begin in the row behind this one can here.
    if (said.notRun && row_->needs == Needs::kStarts && said.notRun->starts_with("requires"))
      outcome.findings.push_back("does not begin as it did before: " + *said.notRun);
    if (late_) {
      outcome.findings.push_back(*late_);
    } else if (!journal_->isFinished()) {
      outcome.findings.push_back(howItEnded(info));
    }
    outcome.state = !outcome.findings.empty() ? State::kFound : said.notRun ? State::kNotRun : State::kClean;
    if (outcome.state == State::kFound) outcome.output = endOfOutput();
    return outcome;
  }

 private:
  // On a busy machine what is late may only have waited for a processor: so long it has beyond its limit, up to a bound that
  // a row which spins for ever meets too.
  bool isLate(std::chrono::nanoseconds took, std::chrono::nanoseconds limit) const {
    constexpr int kMostExtensions = 3;
    return took > limit && took > limit + std::min(waitForProcessor(id_), kMostExtensions * limit);
  }

  std::string place() const {
    const auto where = journal_->where();
    const auto call = journal_->lastCall();
    return fmt::format("{}{}",
                       where.phase.empty() ? "outside of the plugin's functions" : "in " + where.phase,
                       call.empty() ? "" : fmt::format(" (last call of the host: {})", call));
  }

  std::string howItEnded(const siginfo_t& info) const {
    if (!journal_->why().empty()) return fmt::format("std::terminate {}: {}", place(), journal_->why());
    if (info.si_code == CLD_EXITED)
      return fmt::format("ended the process with exit code {} {}", info.si_status, place());
    const char* name = ::sigabbrev_np(info.si_status);
    return fmt::format("SIG{} {}", name != nullptr ? name : std::to_string(info.si_status), place());
  }

  std::string endOfOutput() const {
    const off_t size = ::lseek(output_.get(), 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::min(size, kOutputShown)), '\0');
    const auto got = ::pread(output_.get(), text.data(), text.size(), size - static_cast<off_t>(text.size()));
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }

  const Row* row_;
  Journal* journal_;
  module::Descriptor output_;
  module::Descriptor watch_;
  struct Seen {
    std::int64_t since = 0;
    std::chrono::nanoseconds inside{0};
  };

  std::chrono::nanoseconds timeout_;
  pid_t id_ = 0;
  std::chrono::nanoseconds age_{0};
  std::array<Seen, Journal::kThreads> seen_{};
  const Clock::time_point began_ = Clock::now();  // for people; deadlines go by age_
  std::optional<std::string> late_;
};

// What the plugin has started in sessions of its own; it is this process's child since the row's ended.
void endOrphans() {
  std::ifstream file(fmt::format("/proc/self/task/{}/children", ::getpid()));
  for (pid_t orphan = 0; file >> orphan;) {
    ::kill(orphan, SIGKILL);
    ::waitpid(orphan, nullptr, 0);
  }
}

// What an allocator keeps of a life depends on where its threads happened to run: a leak is one that shows in two processes.
bool isMeasured(const Row& row) { return row.id == "leaks.memory"; }

class Runner {
 public:
  Runner(const Package& package, std::span<const Selected> selected, const RunOptions& options)
      : package_(package), options_(options) {
    for (const auto& each : selected) waiting_.push_back(each.row);
  }

  std::map<const Row*, Outcome> all() && {
    while (!waiting_.empty() || !running_.empty()) {
      begin();
      await();
    }
    return std::move(done_);
  }

 private:
  // What is behind it was done; otherwise it waits.
  bool ready(const Row& row) const {
    const auto behind = rowBehind(row.needs);
    return behind.empty() ||
           std::ranges::any_of(done_, [&](const auto& each) { return each.first->id == behind; });
  }

  std::optional<Outcome> keptBack(const Row& row) const {
    const auto behind = rowBehind(row.needs);
    for (const auto& [other, outcome] : done_) {
      if (other->id != behind || outcome.state == State::kClean) continue;
      return Outcome{
          .row = &row,
          .state = State::kNotRun,
          .why = outcome.state == State::kFound ? fmt::format("{} has findings", behind) : outcome.why};
    }
    return std::nullopt;
  }

  void begin() {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const Row& row = **at;
      const bool may_begin = ready(row);
      auto back = may_begin ? keptBack(row) : std::nullopt;
      if (back) {
        done_.emplace(&row, std::move(*back));
      } else if (may_begin && running_.size() < options_.atOnce) {
        running_.push_back(std::make_unique<Running>(package_, row, options_));
      } else {
        ++at;
        continue;
      }
      at = waiting_.erase(at);
    }
  }

  void await() {
    if (running_.empty()) return;
    std::vector<pollfd> events;
    events.reserve(running_.size());
    for (const auto& each : running_)
      events.push_back({.fd = each->watched(), .events = POLLIN, .revents = 0});
    ::poll(events.data(), events.size(), kLook.count());
    const auto now = Clock::now();
    const auto passed = std::min<std::chrono::nanoseconds>(now - std::exchange(looked_, now), kLongestLook);
    std::erase_if(running_, [&](const auto& each) {
      if (!each->over(passed)) return false;
      auto outcome = each->outcome();
      if (outcome.state == State::kFound && isMeasured(each->row()) && repeated_.insert(&each->row()).second)
        waiting_.push_back(&each->row());
      else
        done_.emplace(&each->row(), std::move(outcome));
      return true;
    });
  }

  const Package& package_;
  const RunOptions& options_;
  std::vector<const Row*> waiting_;
  std::vector<std::unique_ptr<Running>> running_;
  std::map<const Row*, Outcome> done_;
  std::set<const Row*> repeated_;
  Clock::time_point looked_ = Clock::now();
};

}  // namespace

std::vector<Outcome> run(const Package& package, std::span<const Selected> selected,
                         const RunOptions& options) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto done = Runner(package, selected, options).all();
  std::vector<Outcome> outcomes;
  for (const auto& each : selected)
    if (each.kept) outcomes.push_back(std::move(done.at(each.row)));
  endOrphans();
  return outcomes;
}

}  // namespace revenge::check
