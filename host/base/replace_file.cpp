#include "base/replace_file.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::base {

namespace {

namespace fs = std::filesystem;

bool writeAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t wrote = ::write(fd, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void syncFolder(const fs::path& folder) {
  const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened) (void)::fsync(opened.get());
}

}  // namespace

Result<Replacement> Replacement::write(const fs::path& file, std::string_view content, mode_t at_most) {
  std::error_code failed;
  fs::path target = fs::is_symlink(file, failed) ? fs::weakly_canonical(file, failed) : file;
  if (failed) target = file;
  fs::path temporary = target.parent_path() / ("." + target.filename().string() + ".new");
  const auto refuse = [&] {
    const int error = errno;
    ::unlink(temporary.c_str());
    return fail(Errc::kIo, "{}: cannot be written: {}", file.string(), errnoText(error));
  };
  struct stat before = {};
  const bool there = ::stat(target.c_str(), &before) == 0;
  const mode_t mode = there ? before.st_mode & at_most : at_most;
  const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return refuse();
  // Where the host may not give it to its owner it is the host's.
  if (there && ::fchown(fd.get(), before.st_uid, before.st_gid) != 0) errno = 0;
  if (!writeAll(fd.get(), content) || ::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)
    return refuse();
  return Replacement(std::move(target), std::move(temporary));
}

Replacement::Replacement(Replacement&& other) noexcept
    : file_(std::move(other.file_)), temporary_(std::exchange(other.temporary_, {})) {}

Replacement::~Replacement() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<> Replacement::commit() {
  if (::rename(temporary_.c_str(), file_.c_str()) != 0)
    return fail(Errc::kIo, "{}: cannot be replaced: {}", file_.string(), errnoText(errno));
  temporary_.clear();
  syncFolder(file_.parent_path());
  return {};
}

Result<> replaceFile(const fs::path& file, std::string_view content, mode_t at_most) {
  auto written = Replacement::write(file, content, at_most);
  return written ? written->commit() : std::unexpected(written.error());
}

}  // namespace revenge::base
