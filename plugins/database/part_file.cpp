#include "part_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace database {

namespace {

using revenge::Errc;
using revenge::fail;

bool written(const std::string& path, int flags) {
  const int opened = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool safe = opened >= 0 && ::fsync(opened) == 0;
  if (opened >= 0) ::close(opened);
  return safe;
}

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

revenge::Status PartFile::mayBegin(const std::string& file) {
  const std::filesystem::path path = file;
  if (!path.is_absolute() || !path.has_filename())
    return fail(Errc::kInvalid, "file: expected an absolute path, got '" + file + "'");
  std::error_code failed;
  if (!std::filesystem::is_directory(path.parent_path(), failed))
    return fail(Errc::kNotFound,
                path.parent_path().string() + ": " + (failed ? failed.message() : "no such folder"));
  if (std::filesystem::exists(path, failed)) return fail(Errc::kExists, file + ": is there already");
  return {};
}

// Linked, not renamed: a file that came meanwhile is not replaced.
revenge::Status PartFile::put() {
  if (!written(part_, O_RDONLY)) return fail(Errc::kIo, part_ + ": cannot be written out: " + reason());
  if (::link(part_.c_str(), file_.c_str()) != 0) {
    // Not every file system has links.
    if (errno == EEXIST || ::rename(part_.c_str(), file_.c_str()) != 0)
      return fail(errno == EEXIST ? Errc::kExists : Errc::kIo, file_ + ": " + reason());
  }
  remove();
  const std::string folder = std::filesystem::path(file_).parent_path();
  if (!written(folder, O_RDONLY | O_DIRECTORY))
    return fail(Errc::kIo, folder + ": cannot be written out: " + reason());
  return {};
}

// SQLite has files beside it.
void PartFile::remove() const {
  std::error_code ignored;
  for (const char* const suffix : {"", "-journal", "-wal", "-shm"})
    std::filesystem::remove(part_ + suffix, ignored);
}

}  // namespace database
