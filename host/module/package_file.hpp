// A package between its folder and its one file: `<id>-<version>.revenge`, an archive (archive.hpp) of what the folder
// holds. Thread safety: pure functions over the disk; confine an Unpacking to a thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "module/archive.hpp"
#include "module/descriptor.hpp"
#include "module/private_copy.hpp"

namespace revenge::module {

inline constexpr std::string_view kPackageSuffix = ".revenge";
// An archive of as much as a package may hold, with a header and the rest of a block for each file.
inline constexpr std::uint64_t kMaxPackageFileBytes =
    (CopyLimits{}.bytes) + std::uint64_t{4096} * 1024 + 20480;

// Names below `folder`, sorted by their bytes. Refused as by PrivateStore::copy: links, pipes, devices, too much of it.
base::Result<std::set<std::string>> filesOf(const std::filesystem::path& folder,
                                            const CopyLimits& limits = {});

// Files that stand in the package in place of those of the folder, or beside them: name and content.
using Instead = std::map<std::string, std::string, std::less<>>;

// The same bytes for the same names and contents, whenever and wherever.
base::Result<> packFolder(const std::filesystem::path& folder, const Instead& instead,
                          const ArchiveBytes& out);

// Of the package of that folder; what its file would have.
base::Result<std::string> packageSha256(const std::filesystem::path& folder);

// Writes the files of one archive below an empty folder.
class Unpacking {
 public:
  static base::Result<Unpacking> into(const std::filesystem::path& folder, const CopyLimits& limits = {});
  Unpacking(Unpacking&&) noexcept;
  Unpacking& operator=(Unpacking&&) = delete;
  ~Unpacking();

  // Errors: those of ArchiveReader, and kIo. What was written stays, for the owner of the folder to delete.
  base::Result<> take(std::string_view bytes);
  // All of it is on the disk when this returns.
  base::Result<> finish();

 private:
  class Files;
  explicit Unpacking(std::unique_ptr<Files> files, const CopyLimits& limits);

  std::unique_ptr<Files> files_;
  std::unique_ptr<ArchiveReader> reader_;
};

}  // namespace revenge::module
