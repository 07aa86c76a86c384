#include "module/beneath.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace revenge::module {

namespace fs = std::filesystem;
using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kFirstPiece = std::size_t{4} * 1024;

std::string_view kindOf(const struct stat& status) {
  if (S_ISLNK(status.st_mode)) return "a symbolic link";
  if (S_ISFIFO(status.st_mode)) return "a pipe";
  if (S_ISSOCK(status.st_mode)) return "a socket";
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) return "a device";
  return "no regular file";
}

}  // namespace

Descriptor openBeneath(const Descriptor& folder, const char* name, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Descriptor(static_cast<int>(::syscall(SYS_openat2, folder.get(), name, &how, sizeof(how))));
}

Result<Descriptor> openFolder(const fs::path& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail(Errc::kIo, "cannot open folder '{}': {}", path.string(), errnoText(errno));
  return folder;
}

Result<Descriptor> openRegular(const Descriptor& folder, const char* name, const fs::path& shown) {
  struct stat status{};
  if (::fstatat(folder.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(errno == ENOENT ? Errc::kNotFound : Errc::kIo, "cannot read '{}': {}", shown.string(),
                errnoText(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(Errc::kRefused, "'{}' is {}; a package holds regular files and folders only", shown.string(),
                kindOf(status));
  }
  auto file = openBeneath(folder, name, O_RDONLY | O_NONBLOCK);
  if (!file) return fail(Errc::kIo, "cannot read '{}': {}", shown.string(), errnoText(errno));
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(Errc::kRefused, "'{}' changed while it was opened", shown.string());
  }
  return file;
}

Result<std::string> readWhole(const Descriptor& file, std::size_t maxBytes, const fs::path& shown) {
  // Grows with the file: the bound may be a thousand times what is there, and pages that are cleared cost more than reading.
  std::string text;
  std::size_t used = 0;
  while (used <= maxBytes) {
    if (used == text.size()) text.resize(std::min(maxBytes + 1, std::max(kFirstPiece, 2 * used)));
    const auto got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::kIo, "cannot read '{}': {}", shown.string(), errnoText(errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > maxBytes) return fail(Errc::kLimit, "'{}' is larger than {} bytes", shown.string(), maxBytes);
  text.resize(used);
  return text;
}

}  // namespace revenge::module
