// Whether the sockets are there to be had, and who has them.
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/doctor_checks.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "http/listener.hpp"

namespace revenge::app {

namespace {

namespace fs = std::filesystem;
using admin::Findings;
using admin::Grade;

struct Owner {
  pid_t pid = 0;
  std::string program;
};

// The inode of a listening socket on that port, by the table of the kernel; empty: none.
std::string listeningInode(const char* table, std::uint16_t port) {
  std::ifstream file(table);
  const std::string end = fmt::format(":{:04X}", port);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queue, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queue >> timer >> retransmits >> uid >> timeout >> inode;
    constexpr std::string_view kListening = "0A";
    if (state == kListening && local.ends_with(end)) return inode;
  }
  return {};
}

std::optional<pid_t> numberOf(const std::string& name) {
  pid_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && stop == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

bool holds(const fs::path& process, const std::string& link) {
  std::error_code failed;
  for (fs::directory_iterator entry(process / "fd", failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone) == link) return true;
  }
  return false;
}

// As far as this user may look.
std::optional<Owner> ownerOf(std::uint16_t port) {
  for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const std::string inode = listeningInode(table, port);
    if (inode.empty()) continue;
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end;
         entry.increment(failed)) {
      const auto pid = numberOf(entry->path().filename().string());
      if (!pid || !holds(entry->path(), fmt::format("socket:[{}]", inode))) continue;
      std::string program;
      std::getline(std::ifstream(entry->path() / "comm") >> std::ws, program);
      return Owner{*pid, program};
    }
  }
  return {};
}

}  // namespace

std::optional<pid_t> checkSocket(Findings& findings, const fs::path& socket) {
  const auto add = [&](Grade grade, std::string_view text, std::string remedy) {
    findings.push_back(
        {"control socket", grade, fmt::format("{}: {}", socket.string(), text), std::move(remedy)});
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() >= sizeof(address.sun_path)) {
    add(Grade::kProblem, "the path is longer than a socket's may be",
        "name a shorter folder with host.run_dir");
    return {};
  }
  path.copy(address.sun_path, path.size());
  const base::UniqueFd asking(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(asking.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    (void)::getsockopt(asking.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
    add(Grade::kOk, fmt::format("a host runs, pid {}", peer.pid), "");
    return peer.pid;
  }
  if (errno == ENOENT) {
    add(Grade::kOk, "no host runs", "");
  } else if (errno == ECONNREFUSED) {
    add(Grade::kWarning, "stale: nobody answers there, the host that made it was killed",
        "the next start replaces it; revengectl events and the log may say why it ended");
  } else {
    add(Grade::kWarning, base::errnoText(errno), "ask as the user the host runs as, or as root");
  }
  return {};
}

void checkPort(Findings& findings, const config::Snapshot& values, std::optional<pid_t> host) {
  const auto port = static_cast<std::uint16_t>(values.integer("/http/port"));
  const std::string& at = values.text("/http/address");
  const std::string shown = fmt::format("{}:{}", at, port);
  const auto add = [&](Grade grade, std::string text, std::string remedy) {
    findings.push_back({"http.port", grade, std::move(text), std::move(remedy)});
  };
  const auto bound = http::bindTcp(at, port);
  if (bound) return add(Grade::kOk, fmt::format("{} is free", shown), "");
  const auto owner = port != 0 ? ownerOf(port) : std::nullopt;
  if (!owner)
    return add(Grade::kProblem, bound.error().message, "choose another with http.port or http.address");
  if (owner->pid == host) return add(Grade::kOk, fmt::format("{} is used by the host that runs", shown), "");
  add(Grade::kProblem, fmt::format("{} is already in use by {} (pid {})", shown, owner->program, owner->pid),
      "stop that process, or choose another with http.port");
}

}  // namespace revenge::app
