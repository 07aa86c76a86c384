// The row about what belongs to the whole process: a life is to leave it as it was.
#include <array>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <exception>
#include <fstream>
#include <map>
#include <new>
#include <optional>
#include <tuple>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module/descriptor.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

namespace fs = std::filesystem;

using Settings = std::map<std::string, std::string>;

constexpr std::pair<std::string_view, std::string_view> kStatusLines[] = {
    {"Umask", "the umask"}, {"SigBlk", "the blocked signals"}, {"SigIgn", "the ignored signals"}};
constexpr std::pair<__rlimit_resource_t, std::string_view> kLimits[] = {{RLIMIT_NOFILE, "open files"},
                                                                        {RLIMIT_CORE, "core files"},
                                                                        {RLIMIT_STACK, "the stack"},
                                                                        {RLIMIT_AS, "memory"},
                                                                        {RLIMIT_FSIZE, "files"}};

void addStatus(Settings& settings) {
  std::ifstream status("/proc/thread-self/status");
  for (std::string line; std::getline(status, line);)
    for (const auto& [name, what] : kStatusLines)
      if (line.starts_with(std::string(name) + ':'))
        settings[std::string(what)] = line.substr(line.find_first_not_of(" \t", name.size() + 1));
}

void addSignals(Settings& settings) {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction current{};
    if (::sigaction(number, nullptr, &current) != 0) continue;
    const char* name = ::sigabbrev_np(number);
    settings[fmt::format("the handler of SIG{}", name != nullptr ? name : std::to_string(number))] =
        fmt::format("{:p}", reinterpret_cast<const void*>(current.sa_handler));
  }
}

Settings settingsOfProcess() {
  Settings settings;
  addStatus(settings);
  addSignals(settings);
  std::error_code ignored;
  settings["the working directory"] = fs::current_path(ignored).string();
  const char* locale = std::setlocale(LC_ALL, nullptr);  // NOLINT(concurrency-mt-unsafe): one thread of ours
  settings["the locale"] = locale == nullptr ? "" : locale;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string variable(*each);
    settings["the environment's " + variable.substr(0, variable.find('='))] = variable;
  }
  for (const auto& [resource, what] : kLimits) {
    rlimit limit{};
    ::getrlimit(resource, &limit);
    settings["the limit for " + std::string(what)] = std::to_string(limit.rlim_cur);
  }
  settings["the priority"] = std::to_string(::getpriority(PRIO_PROCESS, 0));
  settings["the rounding of numbers"] = std::to_string(std::fegetround());
  settings["std::terminate's handler"] = fmt::format("{:p}", reinterpret_cast<void*>(std::get_terminate()));
  settings["operator new's handler"] = fmt::format("{:p}", reinterpret_cast<void*>(std::get_new_handler()));
  return settings;
}

void compare(Work& work, const Settings& before, const Settings& after, std::string_view when) {
  const auto told = [](const std::string& value) { return value.empty() ? std::string("nothing") : value; };
  for (const auto& [what, value] : before) {
    const auto found = after.find(what);
    const auto now = found == after.end() ? std::string() : found->second;
    if (now != value)
      work.journal.found(fmt::format("{} is changed {}: from {} to {}", what, when, told(value), told(now)));
  }
  for (const auto& [what, value] : after)
    if (!before.contains(what)) work.journal.found(fmt::format("{} is set {}: {}", what, when, value));
}

// Descriptors that are not the plugin's, each of which is one file.
class Foreign {
 public:
  Foreign() {
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) files_[number] = fileOf(number);
    for (auto& each : own_) {
      each = module::Descriptor(::eventfd(0, EFD_CLOEXEC));
      files_[each.get()] = fileOf(each.get());
    }
  }
  void judge(Journal& journal) const {
    for (const auto& [number, file] : files_)
      if (fileOf(number) != file)
        journal.found(
            fmt::format("descriptor {}, which is not its own, is closed, or is another file", number));
  }

 private:
  using File = std::tuple<dev_t, ino_t, mode_t>;
  static constexpr File kNone{};

  static File fileOf(int number) {
    struct stat status{};
    return ::fstat(number, &status) == 0 ? File(status.st_dev, status.st_ino, status.st_mode) : kNone;
  }

  std::array<module::Descriptor, 8> own_;
  std::map<int, File> files_;
};

// The C library gives the lowest key that is free.
std::optional<pthread_key_t> lowestFreeKey() {
  pthread_key_t key = 0;
  if (::pthread_key_create(&key, nullptr) != 0) return std::nullopt;
  ::pthread_key_delete(key);
  return key;
}

bool hasChildren() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void lead(Work& work, Trial& trial, const Settings& before) {
  if (trial.create() && trial.start()) {
    trial.health();
    compare(work, before, settingsOfProcess(), "by its start");
    trial.callAll();
    trial.pass(std::chrono::seconds(1));
    trial.configure(work.package.defaults);
  }
  trial.end();
}

}  // namespace

void lifeSettings(Work& work) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what it forks twice is seen too
  const auto self = ::getpid();
  std::array<std::optional<pthread_key_t>, 3> keys{lowestFreeKey()};
  for (std::size_t life = 1; life < keys.size(); ++life) {
    Loaded library(work);
    Trial trial(work, library);
    const Foreign foreign;
    const auto before = settingsOfProcess();
    lead(work, trial, before);
    if (::getpid() != self) return;  // a copy that the plugin has made
    compare(work, before, settingsOfProcess(), "by its life");
    foreign.judge(work.journal);
    if (hasChildren()) work.journal.found("a process is left, or one that nobody waited for");
    if (const auto held = library.unload(); !held.empty()) return;  // life.unload tells of it
    keys.at(life) = lowestFreeKey();
  }
  // What a library makes once, and keeps, is made in the first life.
  if (keys[2] > keys[1])
    work.journal.found("a pthread key is left, whose destructor is to run in unmapped code");
}

}  // namespace revenge::check
