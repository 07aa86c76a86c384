#include "beneath.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

namespace stream {

namespace {

OpenError failure(int reason) {
  using enum OpenError::Why;
  const std::string text = std::generic_category().message(reason);
  switch (reason) {
    case ENOENT:
    case ENOTDIR:
      return {kMissing, text};
    case EACCES:
    case EPERM:
      return {kForbidden, text};
    case EXDEV:
      return {kOutside, "it leads out of its folder"};
    case ELOOP:
      return {kOutside, "its links lead nowhere"};
    case ENXIO:
    case ENODEV:
      return {kNotRegular, text};
    case EAGAIN:
      return {kBusy, "its folders were being renamed, or the file is leased"};
    case ENOSYS:
      return {kUnsupported, "openat2(2) is missing"};
    default:
      return {kFailed, text};
  }
}

// The kernel does not wait for what its caches lack. Before Linux 5.12 it does not know the flag.
int openCached(int folder, const char* relative, open_how how) {
  how.resolve |= RESOLVE_CACHED;
  const long opened = ::syscall(SYS_openat2, folder, relative, &how, sizeof how);
  if (opened < 0 && errno == EINVAL) errno = EAGAIN;
  return static_cast<int>(opened);
}

int openWaiting(int folder, const char* relative, const open_how& how) {
  // EAGAIN: something was renamed while ".." was resolved, and the kernel could not be sure.
  constexpr int kTries = 16;
  for (int left = kTries;;) {
    const long opened = ::syscall(SYS_openat2, folder, relative, &how, sizeof how);
    if (opened >= 0) return static_cast<int>(opened);
    if (errno == EINTR || (errno == EAGAIN && --left > 0)) continue;
    return -1;
  }
}

Opened<revenge::File> opened(int folder, const std::string& relative, int flags, std::uint64_t resolve,
                             Wait wait) {
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = resolve;
  const char* const path = relative.empty() ? "." : relative.c_str();
  const int number = wait == Wait::kNever ? openCached(folder, path, how) : openWaiting(folder, path, how);
  if (number < 0) return std::unexpected(failure(errno));
  return revenge::File(number);
}

constexpr std::uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

}  // namespace

Opened<Root> Root::open(const std::string& folder, Wait wait) {
  Opened<revenge::File> place = opened(AT_FDCWD, folder, O_PATH | O_DIRECTORY, 0, wait);
  if (!place) return std::unexpected(place.error());
  return Root(std::move(*place));
}

Opened<revenge::File> Root::openFile(const std::string& relative, Wait wait) const {
  Opened<revenge::File> file =
      opened(folder_.descriptor(), relative, O_RDONLY | O_NONBLOCK | O_NOCTTY, kBeneath, wait);
  if (!file) return file;
  struct stat status = {};
  if (::fstat(file->descriptor(), &status) != 0) return std::unexpected(failure(errno));
  if (!S_ISREG(status.st_mode))
    return std::unexpected(OpenError{OpenError::Why::kNotRegular, "it is no regular file"});
  return file;
}

Opened<revenge::File> Root::openFolder(const std::string& relative) const {
  return opened(folder_.descriptor(), relative, O_RDONLY | O_DIRECTORY | O_NONBLOCK, kBeneath,
                Wait::kAllowed);
}

Opened<struct stat> Root::inspect(const std::string& relative) const {
  const Opened<revenge::File> place =
      opened(folder_.descriptor(), relative, O_PATH, kBeneath, Wait::kAllowed);
  if (!place) return std::unexpected(place.error());
  struct stat status = {};
  if (::fstat(place->descriptor(), &status) != 0) return std::unexpected(failure(errno));
  return status;
}

std::expected<void, std::string> checkSystem() {
  const Opened<Root> root = Root::open("/");
  const Opened<struct stat> seen = root ? root->inspect("") : std::unexpected(root.error());
  if (seen) return {};
  return std::unexpected(
      "openat2(2) fails (" + seen.error().text +
      "), and without it no path can be kept inside its folder: use Linux 5.6 or later, and allow "
      "openat2 in the container's seccomp profile");
}

}  // namespace stream
