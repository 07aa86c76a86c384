#include "wiring/scan_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace library {

bool ScanLock::take() {
  if (file_.descriptor() >= 0) return true;
  constexpr mode_t kMode = 0600;
  revenge::File file(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  if (file.descriptor() < 0 || ::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) return false;
  file_ = std::move(file);
  return true;
}

}  // namespace library
