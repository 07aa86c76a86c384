#include "disk/folder.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace library::disk {

namespace {

using Stream = std::unique_ptr<DIR, decltype([](DIR* directory) { ::closedir(directory); })>;

const char* orHere(const std::string& path) { return path.empty() ? "." : path.c_str(); }

std::unexpected<int> lastError() { return std::unexpected(errno); }

std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t kBillion = 1'000'000'000;
  return time.tv_sec * kBillion + time.tv_nsec;
}

bool isIgnoreFile(std::string_view name) {
  return name == ".revengeignore" || name == ".ignore" || name == ".nomedia";
}

std::optional<std::string> realPath(const std::string& path) {
  const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> real(
      ::realpath(path.c_str(), nullptr));
  if (real == nullptr) return std::nullopt;
  return std::string(real.get());
}

// One entry of a folder into the list it belongs to.
class Sorter {
 public:
  Sorter(int directory, Listing& to) : directory_(directory), to_(to) {}

  void take(const dirent& entry) {
    const std::string_view name = entry.d_name;
    if (name == "." || name == "..") return;
    if (entry.d_type == DT_DIR) return takeFolder(name);
    if (entry.d_type == DT_LNK) return to_.links.push_back(entry.d_name);
    if (entry.d_type != DT_REG && entry.d_type != DT_UNKNOWN) return;
    if (isIgnoreFile(name)) return to_.ignorefiles.push_back(entry.d_name);
    const naming::Kind kind = naming::kindOf(name);
    const bool is_media = naming::isListed(kind);
    if (!is_media && entry.d_type == DT_REG) return;
    struct stat status = {};
    if (::fstatat(directory_, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (S_ISDIR(status.st_mode)) return takeFolder(name);
    if (S_ISLNK(status.st_mode)) return to_.links.push_back(entry.d_name);
    if (!is_media || !S_ISREG(status.st_mode)) return;
    to_.files.push_back({std::string(name), kind, static_cast<std::uint64_t>(status.st_size),
                         nanoseconds(status.st_mtim), status.st_dev, status.st_ino});
  }

 private:
  void takeFolder(std::string_view name) {
    if (!naming::isIgnoredFolder(name)) to_.folders.emplace_back(name);
  }

  int directory_;
  Listing& to_;
};

}  // namespace

std::expected<Root, int> Root::open(const std::string& path) {
  revenge::File folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.descriptor() < 0) return lastError();
  struct stat status = {};
  if (::fstat(folder.descriptor(), &status) != 0) return lastError();
  auto real = realPath(path);
  if (!real) return lastError();
  return Root(std::move(folder), path, std::move(*real), status.st_dev);
}

std::expected<Listing, int> Root::list(const std::string& path) const {
  revenge::File folder(
      ::openat(folder_.descriptor(), orHere(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (folder.descriptor() < 0) return lastError();
  struct stat status = {};
  if (::fstat(folder.descriptor(), &status) != 0) return lastError();
  const int number = folder.descriptor();
  const Stream stream(::fdopendir(number));
  if (stream == nullptr) return lastError();
  static_cast<void>(folder.release());
  Listing listing;
  listing.id = {status.st_dev, status.st_ino};
  Sorter sorter(number, listing);
  for (;;) {
    errno = 0;
    const dirent* const entry =
        ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entry == nullptr) break;
    sorter.take(*entry);
  }
  if (errno != 0) return lastError();
  return listing;
}

std::expected<struct stat, int> Root::inspect(const std::string& path) const {
  struct stat status = {};
  if (::fstatat(folder_.descriptor(), orHere(path), &status, AT_SYMLINK_NOFOLLOW) != 0) return lastError();
  return status;
}

std::expected<LinkTarget, int> Root::follow(const std::string& path) const {
  struct stat status = {};
  if (::fstatat(folder_.descriptor(), path.c_str(), &status, 0) != 0) return lastError();
  auto real = realPath(path.starts_with('/') ? path : real_ + "/" + path);
  if (!real) return lastError();
  return LinkTarget{std::move(*real), S_ISDIR(status.st_mode), S_ISREG(status.st_mode)};
}

std::expected<revenge::File, int> Root::openFile(const std::string& path) const {
  revenge::File file(
      ::openat(folder_.descriptor(), path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.descriptor() < 0) return lastError();
  struct stat status = {};
  if (::fstat(file.descriptor(), &status) != 0) return lastError();
  if (!S_ISREG(status.st_mode)) return std::unexpected(EINVAL);
  return file;
}

bool Root::isClosed(const std::string& path) const {
  const auto file = openFile(path);
  if (!file) return false;
  // A lease to read is given when there is no writer, fcntl(2). One that comes while it is held is signalled: with a signal
  // that is ignored unless somebody asks for it.
  if (::fcntl(file->descriptor(), F_SETSIG, SIGURG) != 0) return false;
  return ::fcntl(file->descriptor(), F_SETLEASE, F_RDLCK) == 0;
}

std::expected<std::string, int> Root::read(const std::string& path, std::size_t most) const {
  const auto file = openFile(path);
  if (!file) return std::unexpected(file.error());
  std::string text;
  constexpr std::size_t kPiece = 4096;
  while (text.size() < most) {
    const std::size_t before = text.size();
    text.resize(std::min(most, before + kPiece));
    const ssize_t got = ::read(file->descriptor(), text.data() + before, text.size() - before);
    if (got < 0 && errno != EINTR) return lastError();
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
  }
  return text;
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string path;
  path.reserve(folder.size() + 1 + name.size());
  path += folder;
  if (!folder.empty()) path += '/';
  path += name;
  return path;
}

std::string_view folderOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool isWithin(std::string_view path, std::string_view folder) {
  if (folder.empty()) return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace library::disk
