// Watch: what happens in folders, as the kernel tells it (inotify). A hint only: network file systems tell nothing, the number of
// folders is limited, and a queue that overflows loses what was in it. add() and forget() from any thread; wait() on one.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "disk/folder.hpp"

namespace library::disk {

struct WatchedFolder {
  std::int64_t root = 0;
  std::int64_t folder = 0;
};

struct WatchEvent {
  enum class Kind : std::uint8_t {
    kFile,        // something about a file
    kFileClosed,  // its writer is done, or it was moved here
    kFolderCame,
    kFolderWent,
    kLost,  // events were lost: anything may have happened anywhere
  };
  Kind kind = Kind::kFile;
  WatchedFolder at;  // the folder it happened in
  std::string name;  // of what it happened to
};

class Watch {
 public:
  Watch();

  // 0: watched, now or before; else errno. ENOSPC: there may be no more watches.
  int add(const std::string& path, WatchedFolder folder);
  void forget(std::int64_t root);
  std::size_t count() const;
  bool isExhausted() const { return exhausted_.load(std::memory_order_relaxed); }

  // Until something happened, `timeout_ms` are over or wake() was called.
  std::vector<WatchEvent> wait(int timeout_ms);
  void wake();

 private:
  void read(std::vector<WatchEvent>& events);

  revenge::File queue_;  // none: the system gives no more
  revenge::File wake_;
  mutable std::mutex mutex_;
  std::unordered_map<int, WatchedFolder> folders_;
  std::atomic<bool> exhausted_ = false;
};

}  // namespace library::disk
