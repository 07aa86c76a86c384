// The file format of a package: a POSIX ustar archive of regular files, uncompressed, in which nothing but names and
// contents is left to chance, so that one folder gives one file on every machine. The reader takes an archive that
// anybody may have made, in pieces, and keeps none of it. Thread safety: confine each object to a thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "module/private_copy.hpp"

namespace revenge::module {

inline constexpr std::size_t kArchiveBlock = 512;

// What an archive is written to, and where the files of one go that is read. The first error ends it.
using ArchiveBytes = std::function<base::Result<>(std::string_view piece)>;

class ArchiveWriter {
 public:
  explicit ArchiveWriter(ArchiveBytes out) : out_(std::move(out)) {}

  // Files in the order of their names' bytes, each followed by exactly `size` bytes of content. kInvalid: a name that a
  // reader would refuse, or too long for the format.
  base::Result<> file(std::string_view name, std::uint64_t size);
  base::Result<> content(std::string_view piece);
  base::Result<> finish();

 private:
  base::Result<> endFile();

  ArchiveBytes out_;
  std::string last_;
  std::uint64_t left_ = 0;
  std::uint64_t padding_ = 0;
};

class ArchiveFiles {
 public:
  virtual ~ArchiveFiles() = default;
  // `name` is relative, and climbs nowhere: letters of printable UTF-8, each file once, no file below a file.
  virtual base::Result<> file(const std::string& name, std::uint64_t size) = 0;
  virtual base::Result<> content(std::string_view piece) = 0;
};

class ArchiveReader {
 public:
  // `files` outlives this object.
  ArchiveReader(ArchiveFiles& files, const CopyLimits& limits) : files_(files), limits_(limits) {}

  // kInvalid: no such archive, or a damaged one; kRefused: it holds what a package may not hold; kLimit. What `files` was
  // given before an error stays there. After an error: the same one again.
  base::Result<> take(std::string_view bytes);
  // There are no further bytes. kInvalid: the archive is cut short.
  base::Result<> finish();

 private:
  enum class Place : std::uint8_t { kHeader, kContent, kPadding, kEnd };

  base::Result<> step(std::string_view& bytes);
  base::Result<> header();
  base::Result<> admit(const std::string& name, std::uint64_t size);

  ArchiveFiles& files_;
  const CopyLimits limits_;
  Place place_ = Place::kHeader;
  base::Result<> so_far_;
  std::array<char, kArchiveBlock> block_{};
  std::size_t filled_ = 0;
  std::uint64_t left_ = 0;     // of the content; behind the end: what was there
  std::uint64_t padding_ = 0;  // behind it
  std::uint64_t taken_ = 0;    // bytes of the archive
  std::uint64_t bytes_ = 0;    // of all contents
  std::uint32_t zero_blocks_ = 0;
  std::set<std::string, std::less<>> names_;
  std::set<std::string, std::less<>> folders_;
};

// Whether a package may hold a file of that name; the error says what is wrong with it.
base::Result<> checkArchiveName(std::string_view name, const CopyLimits& limits);

}  // namespace revenge::module
