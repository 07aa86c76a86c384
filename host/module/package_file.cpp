#include "module/package_file.hpp"

#include <array>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document/value.hpp"
#include "module/beneath.hpp"
#include "module/sha256.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;
using document::printable;

constexpr mode_t kFileMode = 0644;
constexpr mode_t kFolderMode = 0755;
constexpr std::size_t kPiece = std::size_t{256} * 1024;

Result<> copyOut(const Descriptor& root, const fs::path& folder, const std::string& name,
                 ArchiveWriter& writer) {
  const auto shown = folder / name;
  const auto file = openRegular(root, name.c_str(), shown);
  if (!file) return std::unexpected(file.error());
  struct stat status{};
  if (::fstat(file->get(), &status) != 0)
    return fail(Errc::kIo, "cannot read '{}': {}", shown.string(), errnoText(errno));
  if (auto begun = writer.file(name, static_cast<std::uint64_t>(status.st_size)); !begun) return begun;
  std::string piece(kPiece, '\0');
  while (true) {
    const auto got = ::read(file->get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::kIo, "cannot read '{}': {}", shown.string(), errnoText(errno));
    if (got == 0) return {};
    if (auto wrote = writer.content({piece.data(), static_cast<std::size_t>(got)}); !wrote) return wrote;
  }
}

Result<> synced(const Descriptor& opened, std::string_view shown) {
  if (opened && ::fsync(opened.get()) == 0) return {};
  return fail(Errc::kIo, "{}: cannot be written: {}", printable(shown), errnoText(errno));
}

}  // namespace

Result<std::set<std::string>> filesOf(const fs::path& folder, const CopyLimits& limits) {
  std::set<std::string> names;
  std::uint64_t bytes = 0;
  std::size_t entries = 0;
  std::error_code failed;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::none, failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    const fs::file_status status = entry->symlink_status(failed);
    if (failed) break;
    if (++entries > limits.files)
      return fail(Errc::kLimit, "'{}' holds more than {} files", folder.string(), limits.files);
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status)) {
      return fail(Errc::kRefused, "'{}' is no regular file; a package holds regular files and folders only",
                  entry->path().string());
    }
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    if (auto good = checkArchiveName(name, limits); !good) return std::unexpected(good.error());
    const std::uintmax_t size = entry->file_size(failed);
    if (failed) break;
    if (size > limits.bytes || bytes > limits.bytes - size)
      return fail(Errc::kLimit, "'{}' is larger than {} bytes", folder.string(), limits.bytes);
    bytes += size;
    names.insert(name);
  }
  if (failed) return fail(Errc::kIo, "cannot read '{}': {}", folder.string(), failed.message());
  return names;
}

Result<> packFolder(const fs::path& folder, const Instead& instead, const ArchiveBytes& out) {
  auto names = filesOf(folder);
  if (!names) return std::unexpected(names.error());
  for (const auto& [name, content] : instead) names->insert(name);
  const auto root = openFolder(folder);
  if (!root) return std::unexpected(root.error());
  ArchiveWriter writer(out);
  for (const std::string& name : *names) {
    const auto other = instead.find(name);
    Result<> wrote;
    if (other == instead.end()) {
      wrote = copyOut(*root, folder, name, writer);
    } else if (wrote = writer.file(name, other->second.size()); wrote) {
      wrote = writer.content(other->second);
    }
    if (!wrote) return wrote;
  }
  return writer.finish();
}

Result<std::string> packageSha256(const fs::path& folder) {
  Sha256 hash;
  const auto packed = packFolder(folder, {}, [&hash](std::string_view piece) -> Result<> {
    hash.update(std::as_bytes(std::span(piece)));
    return {};
  });
  if (!packed) return std::unexpected(packed.error());
  return Sha256::hex(hash.finish());
}

class Unpacking::Files final : public ArchiveFiles {
 public:
  explicit Files(Descriptor root) : root_(std::move(root)) {}

  Result<> file(const std::string& name, std::uint64_t /*size*/) override {
    endFile();
    if (auto entered = enterFolderOf(name); !entered) return entered;
    const std::string plain = name.substr(name.rfind('/') + 1);
    file_ = Descriptor(::openat(above_.get(), plain.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    name_ = name;
    files_.push_back(name);
    if (!file_ || ::fchmod(file_.get(), kFileMode) != 0) return noWrite(name);
    return {};
  }

  Result<> content(std::string_view piece) override {
    while (!piece.empty()) {
      const auto wrote = ::write(file_.get(), piece.data(), piece.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return noWrite(name_);
      piece.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
  }

  // All of them at the end: the first one takes the folders' entries of the others with it, where each by itself would wait
  // for the disk.
  Result<> finish() {
    endFile();
    for (const std::string& name : files_) {
      if (auto kept = synced(openBeneath(root_, name.c_str(), O_RDONLY), name); !kept) return kept;
    }
    for (const std::string& folder : folders_) {
      if (auto kept = synced(openBeneath(root_, folder.c_str(), O_RDONLY | O_DIRECTORY), folder); !kept)
        return kept;
    }
    return synced(root_, "the folder");
  }

 private:
  static std::unexpected<base::Error> noWrite(const std::string& name) {
    return fail(Errc::kIo, "{}: cannot be written: {}", printable(name), errnoText(errno));
  }

  // On its way to the disk from here on; that it is there is for finish().
  void endFile() {
    if (file_) (void)::sync_file_range(file_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    file_.reset();
  }

  // Makes the folder that the file is in, with those above it, and opens it; most often it is the one before.
  Result<> enterFolderOf(const std::string& name) {
    const std::string parent = parentOf(name);
    if (above_ && parent == parent_) return {};
    for (auto at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
      const std::string folder = name.substr(0, at);
      if (!folders_.insert(folder).second) continue;
      const auto above = openBeneath(root_, parentOf(folder).c_str(), O_RDONLY | O_DIRECTORY);
      if (!above || ::mkdirat(above.get(), folder.substr(folder.rfind('/') + 1).c_str(), kFolderMode) != 0)
        return noWrite(folder);
    }
    above_ = openBeneath(root_, parent.c_str(), O_RDONLY | O_DIRECTORY);
    if (!above_) return noWrite(name);
    parent_ = parent;
    return {};
  }

  static std::string parentOf(const std::string& name) {
    const auto at = name.rfind('/');
    return at == std::string::npos ? "." : name.substr(0, at);
  }

  Descriptor root_;
  Descriptor file_;
  std::string name_;
  Descriptor above_;  // the folder parent_, where the last file was made
  std::string parent_;
  std::vector<std::string> files_;
  std::set<std::string, std::less<>> folders_;
};

Result<Unpacking> Unpacking::into(const fs::path& folder, const CopyLimits& limits) {
  auto root = openFolder(folder);
  if (!root) return std::unexpected(root.error());
  return Unpacking(std::make_unique<Files>(std::move(*root)), limits);
}

Unpacking::Unpacking(std::unique_ptr<Files> files, const CopyLimits& limits)
    : files_(std::move(files)), reader_(std::make_unique<ArchiveReader>(*files_, limits)) {}
Unpacking::Unpacking(Unpacking&&) noexcept = default;
Unpacking::~Unpacking() = default;

Result<> Unpacking::take(std::string_view bytes) { return reader_->take(bytes); }

Result<> Unpacking::finish() {
  if (auto whole = reader_->finish(); !whole) return whole;
  return files_->finish();
}

}  // namespace revenge::module
