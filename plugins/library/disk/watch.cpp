#include "disk/watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace library::disk {

namespace {

constexpr std::uint32_t kMask =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;

WatchEvent::Kind kindOf(std::uint32_t mask) {
  if ((mask & IN_ISDIR) != 0)
    return (mask & (IN_CREATE | IN_MOVED_TO)) != 0 ? WatchEvent::Kind::kFolderCame
                                                   : WatchEvent::Kind::kFolderWent;
  return (mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 ? WatchEvent::Kind::kFileClosed
                                                      : WatchEvent::Kind::kFile;
}

}  // namespace

Watch::Watch()
    : queue_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  exhausted_ = queue_.descriptor() < 0;
}

int Watch::add(const std::string& path, WatchedFolder folder) {
  if (queue_.descriptor() < 0) return EMFILE;
  const std::lock_guard lock(mutex_);
  const int number = ::inotify_add_watch(queue_.descriptor(), path.c_str(), kMask);
  if (number < 0) {
    if (errno == ENOSPC) exhausted_ = true;
    return errno;
  }
  folders_.insert_or_assign(number, folder);
  return 0;
}

void Watch::forget(std::int64_t root) {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, folder] : folders_)
    if (folder.root == root) ::inotify_rm_watch(queue_.descriptor(), number);
  std::erase_if(folders_, [root](const auto& one) { return one.second.root == root; });
  exhausted_ = queue_.descriptor() < 0;
}

std::size_t Watch::count() const {
  const std::lock_guard lock(mutex_);
  return folders_.size();
}

std::vector<WatchEvent> Watch::wait(int timeout_ms) {
  std::array<pollfd, 2> ready{{{wake_.descriptor(), POLLIN, 0}, {queue_.descriptor(), POLLIN, 0}}};
  std::vector<WatchEvent> events;
  if (::poll(ready.data(), ready.size(), timeout_ms) <= 0) return events;
  std::uint64_t woken = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wake_.descriptor(), &woken, sizeof woken);
  if (queue_.descriptor() >= 0) read(events);
  return events;
}

void Watch::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(wake_.descriptor(), &one, sizeof one);
}

void Watch::read(std::vector<WatchEvent>& events) {
  constexpr std::size_t kBuffer = 65536;
  alignas(inotify_event) std::array<char, kBuffer> buffer;
  for (;;) {
    const ssize_t got = ::read(queue_.descriptor(), buffer.data(), buffer.size());
    if (got <= 0) return;
    const std::lock_guard lock(mutex_);
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        events.push_back({.kind = WatchEvent::Kind::kLost, .at = {}, .name = {}});
        continue;
      }
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;
      if ((event.mask & IN_IGNORED) != 0) {
        folders_.erase(folder);
        continue;
      }
      events.push_back(
          {kindOf(event.mask), folder->second, event.len > 0 ? std::string(name) : std::string()});
    }
  }
}

}  // namespace library::disk
