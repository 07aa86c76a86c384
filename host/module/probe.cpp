// The parent's side: starts the child, reads what it says until the deadline, names how it ended.
#include "module/probe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "document/json.hpp"
#include "module/descriptor.hpp"

namespace revenge::module {
namespace {

using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;
using document::Value;

constexpr std::size_t kMaxOutput = std::size_t{64} * 1024;
constexpr int kChildDescriptor = 3;

std::string textOf(const Value& object, std::string_view key) {
  const auto* value = object.find(key);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

// A started child, its group and the pipe it reports through. Ends the whole group with itself.
class Child {
 public:
  Child(pid_t id, Descriptor output) : id_(id), output_(std::move(output)) {
    watch_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  // False at the deadline.
  bool readUntilExit(const base::Clock& clock, base::Instant deadline) {
    while (said_.size() <= kMaxOutput) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now()).count();
      if (left <= 0) return false;
      std::array<pollfd, 2> events{{{watch_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}}};
      if (::poll(events.data(), events.size(), static_cast<int>(std::min<std::int64_t>(left, 1'000'000))) < 0)
        continue;
      const bool exited = events[0].revents != 0;
      const bool more = drain();
      if (exited) return true;
      if (!more) output_.reset();  // poll ignores a negative descriptor
    }
    return false;
  }

  // Kills what is left of the group, while the unreaped child keeps its number from being used again.
  std::optional<siginfo_t> end() {
    if (id_ <= 0) return std::nullopt;
    ::kill(-id_, SIGKILL);
    siginfo_t info{};
    int result = 0;
    do {
      result = ::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED);
    } while (result != 0 && errno == EINTR);
    id_ = 0;
    return result == 0 ? std::optional(info) : std::nullopt;
  }

  const std::string& said() const { return said_; }

 private:
  // False at the end of the pipe.
  bool drain() {
    std::array<char, 4096> buffer;
    while (output_) {
      const auto got = ::read(output_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno == EAGAIN;
      if (got == 0) return false;
      said_.append(buffer.data(), static_cast<std::size_t>(got));
      if (said_.size() > kMaxOutput) return false;
    }
    return false;
  }

  pid_t id_;
  Descriptor output_;
  Descriptor watch_;
  std::string said_;
};

struct SpawnSetup {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  explicit SpawnSetup(int output) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, kChildDescriptor);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, kChildDescriptor + 1);
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

Result<std::unique_ptr<Child>> startChild(const std::filesystem::path& host,
                                          const std::filesystem::path& library) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::kIo, "cannot make a pipe: {}", errnoText(errno));
  Descriptor output(ends[0]);
  const Descriptor input(ends[1]);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  const SpawnSetup setup(input.get());
  std::array<std::string, 4> words{"revenge", "--probe", library.string(), std::to_string(kChildDescriptor)};
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t id = 0;
  if (const int error =
          ::posix_spawn(&id, host.c_str(), &setup.actions, &setup.attributes, arguments.data(), environ)) {
    return fail(Errc::kIo, "cannot start '{}' to probe it: {}", host.string(), errnoText(error));
  }
  return std::make_unique<Child>(id, std::move(output));
}

// What the child said so far: see probe_child.cpp.
struct Said {
  std::string phase = "a static initialiser";
  std::optional<std::string> failure;
  std::optional<ProbeReport> loaded;
  bool unloading = false;
};

Said parse(std::string_view lines) {
  Said said;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end == lines.npos) break;  // the child died in the middle of a line
    if (const auto line = document::parseJson(lines.substr(0, end), "probe")) {
      if (auto phase = textOf(*line, "phase"); !phase.empty()) said.phase = phase;
      if (auto failure = textOf(*line, "failed"); !failure.empty()) said.failure = failure;
      if (const auto* loaded = line->find("loaded")) {
        if (auto report = probeReportFromJson(document::writeJson(*loaded))) said.loaded = std::move(*report);
      }
      if (const auto* unmaps = line->find("unmaps"); unmaps != nullptr && said.loaded) {
        said.loaded->unmaps = unmaps->boolean().value_or(false);
        said.loaded->whyNot = textOf(*line, "why");
      }
    }
    lines.remove_prefix(end + 1);
  }
  return said;
}

std::string describeEnd(const std::optional<siginfo_t>& end) {
  if (!end) return "ended the process";
  if (end->si_code == CLD_EXITED) return fmt::format("ended the process with exit code {}", end->si_status);
  const char* name = ::sigabbrev_np(end->si_status);
  return fmt::format("ended the process with SIG{}", name != nullptr ? name : std::to_string(end->si_status));
}

std::string seconds(base::Duration duration) {
  return fmt::format("{:g} s", std::chrono::duration<double>(duration).count());
}

}  // namespace

Result<ProbeReport> Probe::run(const std::filesystem::path& library, base::Duration deadline) const {
  auto child = startChild(host_, library);
  if (!child) return std::unexpected(child.error());
  const bool inTime = (*child)->readUntilExit(*clock_, clock_->now() + deadline);
  const auto end = (*child)->end();
  auto said = parse((*child)->said());
  const auto how = inTime ? describeEnd(end) : fmt::format("did not end within {}", seconds(deadline));
  if (said.failure) return fail(Errc::kFailed, "{}", *said.failure);
  if (!said.loaded) return fail(inTime ? Errc::kFailed : Errc::kTimedOut, "{} {}", said.phase, how);
  const bool killed = !inTime || !end || end->si_code != CLD_EXITED;
  if (killed) {
    said.loaded->unmaps = false;
    said.loaded->whyNot = fmt::format("in a trial, unloading it {}", how);
  }
  return std::move(*said.loaded);
}

std::string toJson(const ProbeReport& report) {
  document::Array changes(report.changes.begin(), report.changes.end());
  Value value;
  value.set("id", report.id);
  value.set("version", report.version);
  value.set("sdk_version", report.sdkVersion);
  value.set("unmaps", report.unmaps);
  value.set("why_not", report.whyNot);
  value.set("changes", std::move(changes));
  return document::writeJson(value);
}

Result<ProbeReport> probeReportFromJson(std::string_view json) {
  const auto value = document::parseJson(json, "probe report");
  if (!value) return std::unexpected(value.error());
  const auto* unmaps = value->find("unmaps");
  ProbeReport report{.id = textOf(*value, "id"),
                     .version = textOf(*value, "version"),
                     .sdkVersion = textOf(*value, "sdk_version"),
                     .unmaps = unmaps != nullptr && unmaps->boolean().value_or(false),
                     .whyNot = textOf(*value, "why_not"),
                     .changes = {}};
  if (report.id.empty() || report.version.empty())
    return fail(Errc::kInvalid, "probe report: id or version is missing");
  if (const auto* changes = value->find("changes"); changes != nullptr && changes->array() != nullptr) {
    for (const auto& change : *changes->array()) {
      if (change.text() != nullptr) report.changes.push_back(*change.text());
    }
  }
  return report;
}

}  // namespace revenge::module
