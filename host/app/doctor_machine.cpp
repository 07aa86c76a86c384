// What the machine grants: folders, mounts, limits.
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/doctor_checks.hpp"
#include "base/result.hpp"
#include "config/file_events.hpp"
#include "config/mounts.hpp"
#include "service/memory.hpp"

namespace revenge::app {

namespace {

namespace fs = std::filesystem;
using admin::Findings;
using admin::Grade;

// The host makes a missing folder: then the nearest one above it must let it.
fs::path nearest(fs::path path) {
  std::error_code failed;
  while (!fs::exists(path, failed) && path.has_relative_path()) path = path.parent_path();
  return path;
}

enum class Holds { kData, kLibraries };

void checkFolder(Findings& findings, const config::Snapshot& values, const std::string& key, Holds holds) {
  const fs::path folder = fs::absolute(values.text("/host/" + key));
  const fs::path there = nearest(folder);
  const std::string check = "host." + key;
  const auto add = [&](Grade grade, std::string text, std::string remedy) {
    findings.push_back({check, grade, std::move(text), std::move(remedy)});
  };
  std::error_code failed;
  if (!fs::is_directory(there, failed))
    return add(Grade::kProblem, fmt::format("{}: is no folder", there.string()),
               "remove it, or name another folder");
  if (::faccessat(AT_FDCWD, there.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return add(
        Grade::kProblem,
        fmt::format("{}: not writable by uid {}: {}", there.string(), ::geteuid(), base::errnoText(errno)),
        fmt::format("give the host's user write access, or name another folder with {}", check));
  }
  struct statvfs mount{};
  if (::statvfs(there.c_str(), &mount) == 0) {
    constexpr std::uint64_t kLittle = 64U << 20U;
    if (holds == Holds::kLibraries && (mount.f_flag & ST_NOEXEC) != 0) {
      return add(Grade::kProblem,
                 fmt::format("{}: is mounted noexec: no plugin can be loaded from there", there.string()),
                 "mount it with exec, or name a folder elsewhere with host.cache_dir");
    }
    const std::uint64_t room = std::uint64_t{mount.f_bavail} * mount.f_frsize;
    if (mount.f_blocks != 0 && room < kLittle) {
      return add(Grade::kWarning, fmt::format("{}: {} MiB are free", there.string(), room >> 20U),
                 "make room: a swap copies the new package there");
    }
  }
  add(Grade::kOk, there == folder ? folder.string() : fmt::format("{}: will be made", folder.string()), "");
}

}  // namespace

void checkFolders(Findings& findings, const config::Snapshot& values) {
  checkFolder(findings, values, "state_dir", Holds::kData);
  checkFolder(findings, values, "cache_dir", Holds::kLibraries);
  checkFolder(findings, values, "run_dir", Holds::kData);
}

void checkMounts(Findings& findings, std::span<const std::string> files) {
  for (const std::string& file : config::mountedAlone(files)) {
    findings.push_back(
        {"mounts", Grade::kWarning,
         fmt::format("{}: is mounted by itself: what replaces it outside by rename is never seen here", file),
         fmt::format("mount the directory: {}", fs::absolute(file).parent_path().string())});
  }
}

void checkWatches(Findings& findings, std::span<const std::string> files) {
  config::FileEvents events;
  events.arm(files);
  const bool armed = events.trouble().empty();
  findings.push_back(
      {"watching the configuration", armed ? Grade::kOk : Grade::kWarning,
       armed ? "changes are seen at once" : events.trouble() + "; changes are seen every 5 s only",
       armed ? "" : "raise the limit with sysctl -w, and in /etc/sysctl.d for the next boot"});
}

void checkLimits(Findings& findings, const config::Snapshot& values) {
  rlimit files{};
  (void)::getrlimit(RLIMIT_NOFILE, &files);
  constexpr rlim_t kOfItsOwn = 256;  // files it sends, libraries, sockets of plugins
  const auto wanted = static_cast<rlim_t>(values.integer("/http/max_connections")) + kOfItsOwn;
  const bool enough = files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= wanted;
  findings.push_back(
      {"open files", enough ? Grade::kOk : Grade::kWarning,
       fmt::format("{} may be open; http.max_connections = {} wants {}", files.rlim_cur,
                   values.integer("/http/max_connections"), wanted),
       enough
           ? ""
           : fmt::format("LimitNOFILE={} in the unit, or ulimit -n; or lower http.max_connections", wanted)});
  const bool granted = service::Machine::probe() == service::Fence::kAsymmetric;
  findings.push_back(
      {"membarrier", granted ? Grade::kOk : Grade::kWarning,
       granted ? "granted" : "membarrier(2) is refused: each call between plugins costs some 30 ns more",
       granted ? "" : "allow membarrier in the container's seccomp profile"});
}

}  // namespace revenge::app
