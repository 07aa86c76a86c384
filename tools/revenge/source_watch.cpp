#include "revenge/source_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/inotify.h>

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                IN_MOVED_TO | IN_ONLYDIR | IN_EXCL_UNLINK;

Happened happened(std::uint32_t mask) {
  if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) return Happened::kGone;
  // A rename over a file is how most editors write it; that it was not there before is told by nothing.
  return (mask & IN_CREATE) != 0 ? Happened::kAppeared : Happened::kWritten;
}

}  // namespace

base::Result<SourceWatch> SourceWatch::open(fs::path root, fs::path build) {
  base::UniqueFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) {
    return fail(Errc::kLimit, "no inotify instance: {}; raise fs.inotify.max_user_instances (sysctl)",
                base::errnoText(errno));
  }
  SourceWatch watch(std::move(inotify), std::move(root), std::move(build));
  if (auto armed = watch.arm(); !armed) return std::unexpected(armed.error());
  return watch;
}

bool SourceWatch::isSource(const fs::path& folder) const {
  std::error_code failed;
  return isSourceFolder(folder.filename().string()) && folder != build_ &&
         !fs::exists(folder / "CMakeCache.txt", failed);
}

// A folder that is watched already keeps its watch, so that nothing is lost.
base::Result<> SourceWatch::arm() {
  std::map<int, fs::path> armed;
  if (auto done = armBelow(root_, armed); !done) return done;
  for (const auto& [watch, folder] : folders_) {
    if (!armed.contains(watch)) (void)::inotify_rm_watch(inotify_.get(), watch);
  }
  folders_ = std::move(armed);
  return {};
}

base::Result<> SourceWatch::armBelow(const fs::path& folder, std::map<int, fs::path>& armed) {
  const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kMask);
  if (watch < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};  // gone meanwhile
    if (errno == ENOSPC)
      return fail(Errc::kLimit, "{}: no inotify watch left; raise fs.inotify.max_user_watches (sysctl)",
                  folder.string());
    return fail(Errc::kIo, "{}: cannot be watched: {}", folder.string(), base::errnoText(errno));
  }
  armed[watch] = folder.lexically_relative(root_);
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed); !failed && entry != fs::directory_iterator();
       entry.increment(failed)) {
    std::error_code gone;
    if (entry->symlink_status(gone).type() != fs::file_type::directory || !isSource(entry->path())) continue;
    if (auto below = armBelow(entry->path(), armed); !below) return below;
  }
  return {};
}

base::Result<> SourceWatch::drain(Changes& changes, base::Instant now) {
  constexpr std::size_t kBatch = 64 * 1024;
  alignas(inotify_event) std::array<char, kBatch> events;
  bool folders_changed = false;
  ssize_t got = 0;
  while ((got = ::read(inotify_.get(), events.data(), events.size())) > 0) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event;  // NOLINT(cppcoreguidelines-pro-type-member-init): copied over
      std::memcpy(&event, &events[at], sizeof event);
      const std::string name = event.len == 0 ? "" : &events[at + sizeof event];
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        folders_changed = true;
        changes.addUnknown(now);
        continue;
      }
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end() || name.empty()) continue;
      const bool is_folder = (event.mask & IN_ISDIR) != 0;
      if (is_folder && isSource(root_ / folder->second / name)) {
        folders_changed = true;
        changes.addUnknown(now);
      }
      if (!is_folder && isSourceName(name))
        changes.add((folder->second / name).lexically_normal().string(), happened(event.mask), now);
    }
  }
  return folders_changed ? arm() : base::Result<>();
}

}  // namespace revenge::author
