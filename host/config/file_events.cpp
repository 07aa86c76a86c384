#include "config/file_events.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <deque>
#include <filesystem>
#include <string_view>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

#include "base/result.hpp"

namespace revenge::config {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kNames =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kContent = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
constexpr std::size_t kMaxLinks = 40;  // as the kernel follows

struct Concern {
  std::uint32_t mask = 0;
  std::set<std::string, std::less<>> names;
  bool any_name = false;
};
using Concerns = std::map<std::string, Concern>;  // by path without links

// What a look-up of `path` touches, as far as it leads. Of the folders only names count: what else is written in them, such
// as a log, is no concern.
void addWay(const std::string& path, Concerns& concerns) {
  std::error_code failed;
  const fs::path whole = fs::absolute(path, failed);
  if (failed) return;
  std::deque<fs::path> steps(whole.begin(), whole.end());
  fs::path here = "/";
  for (std::size_t links = 0; !steps.empty();) {
    const fs::path step = std::move(steps.front());
    steps.pop_front();
    if (step.empty() || step == "." || step == "/") continue;
    if (step == "..") {
      here = here.parent_path();
      continue;
    }
    Concern& folder = concerns[here.string()];
    folder.mask |= kNames;
    folder.names.insert(step.string());
    const fs::path next = here / step;
    if (fs::is_symlink(next, failed)) {
      const fs::path target = fs::read_symlink(next, failed);
      if (failed || ++links > kMaxLinks) return;
      if (target.is_absolute()) here = "/";
      steps.insert(steps.begin(), target.begin(), target.end());
      continue;
    }
    here = next;
    if (!fs::exists(here, failed)) break;
  }
  if (!fs::exists(here, failed)) return;
  Concern& end = concerns[here.string()];
  end.mask |= kNames | kContent;
  end.any_name = true;
}

}  // namespace

int FileEvents::openInotify() { return ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

FileEvents::FileEvents(Open open) : open_(open), inotify_(open()) {}

void FileEvents::arm(std::span<const std::string> paths) {
  if (!inotify_) inotify_.reset(open_());
  if (!inotify_) {
    trouble_ = fmt::format("no inotify instance: {}; raise fs.inotify.max_user_instances (sysctl)",
                           base::errnoText(errno));
    return;
  }
  trouble_.clear();
  Concerns concerns;
  for (const std::string& path : paths) addWay(path, concerns);
  std::map<int, Names> armed;
  for (auto& [path, concern] : concerns) {
    const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), concern.mask);
    if (watch >= 0) {
      const auto [at, first] = armed.try_emplace(watch);
      if (first && !concern.any_name) at->second = std::move(concern.names);
      if (!first) at->second.clear();  // one folder under two paths
    } else if (errno == ENOSPC) {
      trouble_ = fmt::format("{}: no inotify watch left; raise fs.inotify.max_user_watches (sysctl)", path);
    } else if (errno != ENOENT && errno != ENOTDIR) {
      trouble_ = fmt::format("{}: cannot be watched: {}", path, base::errnoText(errno));
    }
  }
  for (const auto& [old, names] : watches_) {
    if (!armed.contains(old)) (void)::inotify_rm_watch(inotify_.get(), old);
  }
  watches_ = std::move(armed);
}

// An event without a name tells of the folder or file itself. Of a watch that was taken back nothing is of concern: what
// it told was read after that.
bool FileEvents::concerns(int watch, const char* name) const {
  const auto found = watches_.find(watch);
  if (found == watches_.end()) return false;
  const std::string_view called(name);
  return called.empty() || found->second.empty() || found->second.contains(called);
}

bool FileEvents::drain() {
  constexpr std::size_t kBatch = 64 * 1024;
  alignas(inotify_event) std::array<char, kBatch> events;
  bool any = false;
  while (inotify_) {
    const ssize_t got = ::read(inotify_.get(), events.data(), events.size());
    if (got <= 0) return any;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event;  // NOLINT(cppcoreguidelines-pro-type-member-init): copied over
      std::memcpy(&event, &events[at], sizeof event);
      const char* const name = event.len == 0 ? "" : &events[at + sizeof event];
      any = any || (event.mask & IN_Q_OVERFLOW) != 0 || concerns(event.wd, name);
      at += sizeof event + event.len;
    }
  }
  return any;
}

}  // namespace revenge::config
