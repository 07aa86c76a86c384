// DirectoryLock: that one instance alone works in a folder, by flock(2) on a file `lock` in it.
//
// One owner, not for two threads at once. Two instances of one process exclude each other as two processes do; the
// kernel frees it with the process.
#pragma once

#include <expected>
#include <string>

namespace store {

class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() { release(); }

  // Held already is well. The error names the file and who may hold it.
  std::expected<void, std::string> take(const std::string& folder);
  void release();

 private:
  int file_ = -1;
};

}  // namespace store
