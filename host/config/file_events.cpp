#include "config/file_events.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <map>

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

using Masks = std::map<std::string, std::uint32_t>;  // by path without links

// What a look-up of `path` touches, as far as it leads. Of the folders only names count: what else is written in them, such
// as a log, is no concern.
void addWay(const std::string& path, Masks& masks) {
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
    masks[here.string()] |= kNames;
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
  if (fs::exists(here, failed)) masks[here.string()] |= kNames | kContent;
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
  Masks masks;
  for (const std::string& path : paths) addWay(path, masks);
  std::vector<int> armed;
  for (const auto& [path, mask] : masks) {
    const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), mask);
    if (watch >= 0) {
      armed.push_back(watch);
    } else if (errno == ENOSPC) {
      trouble_ = fmt::format("{}: no inotify watch left; raise fs.inotify.max_user_watches (sysctl)", path);
    } else if (errno != ENOENT && errno != ENOTDIR) {
      trouble_ = fmt::format("{}: cannot be watched: {}", path, base::errnoText(errno));
    }
  }
  std::ranges::sort(armed);
  for (const int old : watches_) {
    if (!std::ranges::binary_search(armed, old)) (void)::inotify_rm_watch(inotify_.get(), old);
  }
  watches_ = std::move(armed);
}

bool FileEvents::drain() {
  constexpr std::size_t kBatch = 64 * 1024;
  static_assert(kBatch >= sizeof(inotify_event));
  alignas(inotify_event) std::array<char, kBatch> events;
  bool any = false;
  while (inotify_) {
    const ssize_t got = ::read(inotify_.get(), events.data(), events.size());
    if (got <= 0) return any;
    any = true;
  }
  return any;
}

}  // namespace revenge::config
