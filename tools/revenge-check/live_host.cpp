#include "revenge-check/live_host.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document/json.hpp"
#include "revenge-check/row.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kBetweenLooks = 10ms;
constexpr base::Duration kPatience = sanitized() ? 40s : 15s;
constexpr base::Duration kStopPatience = 20s;
constexpr base::Duration kClientPatience = sanitized() ? 6s : 2s;
constexpr std::size_t kComplaintShown = 400;

fs::path makeRoot() {
  std::string pattern = (fs::temp_directory_path() / "host-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error(fmt::format("cannot make a folder like {}", pattern));
  return pattern;
}

// Nothing of the author's own host reaches this one.
std::vector<char*> environmentOfHost() {
  std::vector<char*> kept;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    if (!variable.starts_with("REVENGE_") && !variable.starts_with("NOTIFY_SOCKET=") &&
        !variable.starts_with("LISTEN_FDS="))
      kept.push_back(*each);
  }
  kept.push_back(nullptr);
  return kept;
}

std::string told(int status) {
  if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  const char* name = ::sigabbrev_np(WTERMSIG(status));
  return fmt::format("SIG{}", name != nullptr ? name : std::to_string(WTERMSIG(status)));
}

std::string text(const document::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

std::string wholeFile(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream whole;
  whole << file.rdbuf();
  return std::move(whole).str();
}

// A line of the log in JSON, as people read it; nothing: it is no complaint about this plugin.
std::optional<std::string> complaint(const std::string& line, const std::string& id) {
  const auto record = document::parseJson(line, "log");
  if (!record || record->object() == nullptr) return std::nullopt;
  if (const auto level = text(*record, "level"); level != "warn" && level != "error") return std::nullopt;
  // A plugin may say that something which it would like is not there.
  if (text(*record, "message") == "degraded") return std::nullopt;
  const document::Value nothing;
  const auto* attributes = record->find("attributes");
  if (attributes == nullptr) attributes = &nothing;
  std::string of = text(*attributes, "plugin");
  if (of.empty()) of = text(*record, "plugin");
  const std::string component = text(*record, "component");
  if (of.empty() && component.find('/') != std::string::npos) of = component.substr(component.find('/') + 1);
  const bool named =
      of == id || (of.empty() && line.find(fmt::format("plugin '{}'", id)) != std::string::npos);
  if (!named) return std::nullopt;
  std::string said = text(*record, "message");
  if (attributes->object() != nullptr) {
    for (const auto& each : *attributes->object())
      if (each.key != "plugin" && each.value.text() != nullptr)
        said += fmt::format(", {}: {}", each.key, *each.value.text());
  }
  if (said.size() > kComplaintShown) said = said.substr(0, kComplaintShown) + "...";
  return said;
}

}  // namespace

fs::path LiveHost::program() {
  std::error_code failed;
  const auto here = fs::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& candidate : {here / "revenge", here.parent_path().parent_path() / "bin" / "revenge"})
    if (fs::is_regular_file(candidate, failed) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  return {};
}

LiveHost::LiveHost(const Package& package, const fs::path& program, const std::vector<std::string>& options)
    : package_(package), program_(program), options_(options), root_(makeRoot()) {
  const std::string socket = (root_ / "run" / "revenge.sock").string();
  control_ = {.socket = socket, .shown = socket};
}

LiveHost::~LiveHost() {
  if (id_ != 0 && !status_) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

fs::path LiveHost::place(const Package& package) const {
  auto placed = root_ / "plugins" / package.id;
  fs::copy(package.folder, placed, fs::copy_options::recursive);
  return placed;
}

std::vector<std::string> LiveHost::arguments() const {
  std::vector<std::string> words{program_.string(), "--config", (root_ / "revenge.yaml").string()};
  for (const std::string folder : {"plugins", "state", "cache", "run"})
    words.insert(words.end(), {"--" + folder, (root_ / folder).string()});
  for (const std::string option :
       {"http.port=0", "log.format=json", "log.source=false", "http.access_log=false", "host.shutdown_s=5"})
    words.insert(words.end(), {"--set", option});
  for (const auto& option : options_) words.insert(words.end(), {"--set", option});
  return words;
}

std::optional<std::string> LiveHost::start() {
  fs::create_directories(root_ / "plugins");
  place(package_);
  for (const auto& companion : package_.companions) place(companion);
  std::ofstream(root_ / "revenge.yaml") << "";

  auto words = arguments();
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  const auto said = root_ / "said";
  const auto log = root_ / "log";
  constexpr mode_t kMode = 0600;
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said.c_str(), O_CREAT | O_WRONLY, kMode);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_CREAT | O_WRONLY | O_APPEND,
                                     kMode);
  const int failed =
      ::posix_spawn(&id_, program_.c_str(), &actions, nullptr, argv.data(), environmentOfHost().data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    id_ = 0;
    return fmt::format("{}: {}", program_.string(), base::errnoText(failed));
  }
  for (const auto until = clock_.now() + kPatience; clock_.now() < until;) {
    const auto line = wholeFile(said);
    if (const auto at = line.find("http://");
        at != std::string::npos && line.find('\n') != std::string::npos) {
      const auto whole = line.substr(at + 7, line.find_first_of(" /\n", at + 7) - at - 7);
      const auto colon = whole.rfind(':');
      address_ = {.host = whole.substr(0, colon), .port = whole.substr(colon + 1), .shown = whole};
      return std::nullopt;
    }
    if (auto ended = death()) return ended;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return "the host does not serve in time";
}

base::Result<ctl::Answer> LiveHost::ask(const ctl::Place& place, std::string_view method,
                                        std::string_view target, base::Duration patience) const {
  return ctl::Client(clock_, place, patience)
      .ask({.method = std::string(method), .target = std::string(target)});
}

base::Result<ctl::Answer> LiveHost::operate(std::string_view method, std::string_view target) const {
  return ask(control_, method, target, kPatience);
}

base::Result<ctl::Answer> LiveHost::get(std::string_view target) const {
  return ask(address_, "GET", target, kClientPatience);
}

std::optional<document::Value> LiveHost::shown() const {
  const auto answer = operate("GET", "/v1/plugins/" + package_.id);
  if (!answer || answer->status != 200) return std::nullopt;
  auto value = document::parseJson(answer->body, "/v1/plugins");
  return value ? std::optional(std::move(*value)) : std::nullopt;
}

std::optional<LiveHost::State> LiveHost::settled() const {
  static const std::set<std::string, std::less<>> settled{"running",     "degraded", "refused", "failed",
                                                          "quarantined", "disabled", "waiting", "stuck"};
  for (const auto until = clock_.now() + kPatience; clock_.now() < until;) {
    const auto now = shown();
    if (!now) return std::nullopt;
    if (const auto state = text(*now, "state"); settled.contains(state))
      return State{state, text(*now, "note")};
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return State{"never ready", "neither serving nor failed in time"};
}

bool LiveHost::isOver() const {
  for (const auto until = clock_.now() + kPatience; clock_.now() < until;) {
    const auto now = shown();
    if (!now) return true;  // its end is told otherwise
    const auto* instances = now->find("instances");
    const bool over = instances == nullptr || instances->array() == nullptr ||
                      std::ranges::all_of(*instances->array(), [](const auto& each) {
                        const auto state = text(each, "state");
                        return state == "retired" || state == "stuck";
                      });
    if (over) return true;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return false;
}

std::uint64_t LiveHost::memory() const {
  std::ifstream status(fmt::format("/proc/{}/status", id_));
  constexpr std::string_view kName = "VmData:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(kName)) return std::strtoull(line.c_str() + kName.size(), nullptr, 10) * 1024;
  return 0;
}

bool LiveHost::awaitEnd(base::Duration patience) {
  for (const auto until = clock_.now() + patience;;) {
    int status = 0;
    if (status_) return true;
    if (::waitpid(id_, &status, WNOHANG) == id_) {
      status_ = status;
      return true;
    }
    if (clock_.now() >= until) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

std::optional<std::string> LiveHost::death() {
  if (!awaitEnd({})) return std::nullopt;
  return fmt::format("the host ended with {}", told(*status_));
}

std::optional<std::string> LiveHost::stop() {
  if (auto ended = death()) return ended;
  ::kill(id_, SIGTERM);
  if (!awaitEnd(kStopPatience)) return "the host does not stop";
  if (WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0) return std::nullopt;
  return fmt::format("the host ended with {} when it was stopped", told(*status_));
}

std::vector<std::string> LiveHost::complaints() const {
  std::vector<std::string> found;
  std::ifstream log(root_ / "log");
  for (std::string line; std::getline(log, line);) {
    auto said = complaint(line, package_.id);
    if (said && std::ranges::find(found, *said) == found.end()) found.push_back(std::move(*said));
  }
  return found;
}

}  // namespace revenge::check
