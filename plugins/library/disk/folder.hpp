// Folders of a library as they are on disk now. Names are bytes. Blocks for as long as the disk takes; a Root is safe from any
// thread. Errors are numbers of errno.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <revenge/file.hpp>

#include "naming/kind.hpp"

namespace library::disk {

struct MediaFile {
  std::string name;
  naming::Kind kind = naming::Kind::kOther;  // kVideo, kAudio, kSubtitle or kNfo
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970 UTC
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

struct FolderId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const FolderId&) const = default;
};

struct Listing {
  FolderId id;
  std::vector<MediaFile> files;          // media and what is beside them, alone
  std::vector<std::string> folders;      // not those a system keeps for itself, nor hidden ones
  std::vector<std::string> links;        // whatever they lead to
  std::vector<std::string> ignorefiles;  // .revengeignore, .ignore, .nomedia, as far as they are there
};

// Where a symbolic link leads.
struct LinkTarget {
  std::string path;  // absolute, without links
  bool is_folder = false;
  bool is_file = false;
};

class Root {
 public:
  static std::expected<Root, int> open(const std::string& path);

  const std::string& path() const { return path_; }  // as it was given
  const std::string& real() const { return real_; }  // without links
  std::uint64_t device() const { return device_; }

  // Paths are below the root, without leading slash; "" is the root itself. A path that begins with a slash is taken as it is,
  // for folders that links lead to.
  std::expected<Listing, int> list(const std::string& path) const;
  std::expected<struct stat, int> inspect(const std::string& path) const;  // never follows the last link
  std::expected<LinkTarget, int> follow(const std::string& path) const;
  std::expected<revenge::File, int> openFile(const std::string& path) const;  // regular, for reading
  // Whether it is certain that nobody has the file open for writing. Not on network file systems, nor for files of others.
  bool isClosed(const std::string& path) const;
  // At most `most` bytes.
  std::expected<std::string, int> read(const std::string& path, std::size_t most) const;

 private:
  Root(revenge::File folder, std::string path, std::string real, std::uint64_t device)
      : folder_(std::move(folder)), path_(std::move(path)), real_(std::move(real)), device_(device) {}

  revenge::File folder_;
  std::string path_;
  std::string real_;
  std::uint64_t device_;
};

std::string joined(std::string_view folder, std::string_view name);
// The folder around a path; "" around what lies directly in the root.
std::string_view folderOf(std::string_view path);
// Whether `path` is `folder` or below it.
bool isWithin(std::string_view path, std::string_view folder);

}  // namespace library::disk
