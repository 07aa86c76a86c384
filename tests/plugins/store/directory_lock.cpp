#include "directory_lock.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace store {

std::expected<void, std::string> DirectoryLock::take(const std::string& folder) {
  if (file_ >= 0) return {};
  const std::string path = folder + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0) {
    file_ = file;
    return {};
  }
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (problem == EWOULDBLOCK)
    return std::unexpected(path + " is locked: another instance of the store works in this folder");
  return std::unexpected(path + ": " + std::generic_category().message(problem));
}

void DirectoryLock::release() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace store
