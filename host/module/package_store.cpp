#include "module/package_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "document/json.hpp"
#include "module/beneath.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::errnoText;
using base::fail;
using base::Result;

constexpr std::string_view kNew = ".new-";
constexpr std::string_view kOld = ".old-";
constexpr mode_t kFolderMode = 0755;

std::unexpected<base::Error> noWrite(const fs::path& path) {
  return fail(Errc::kIo, "'{}': cannot be written: {}", path.string(), errnoText(errno));
}

Result<> syncFolder(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return noWrite(folder);
  return {};
}

void removeLeftovers(const fs::path& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kNew) || name.starts_with(kOld)) fs::remove_all(entry.path(), ignored);
  }
}

Result<std::string> readManifestText(const fs::path& folder) {
  const auto opened = openFolder(folder);
  if (!opened) return std::unexpected(opened.error());
  const auto file = openRegular(*opened, "plugin.json", "plugin.json");
  if (!file) {
    if (file.error().code == Errc::kNotFound) return fail(Errc::kInvalid, "it holds no plugin.json");
    return std::unexpected(file.error());
  }
  return readWhole(*file, kMaxManifestBytes, "plugin.json");
}

// The id it gives itself: nobody expected another one.
Result<Manifest> readOwnManifest(const fs::path& folder) {
  const auto text = readManifestText(folder);
  if (!text) return std::unexpected(text.error());
  const auto document = document::parseJson(*text, "plugin.json");
  if (!document) return std::unexpected(document.error());
  const auto* const id = document->find("id");
  return parseManifest(*text, "plugin.json", id != nullptr && id->text() != nullptr ? *id->text() : "");
}

}  // namespace

Result<std::unique_ptr<PackageStore>> PackageStore::open(const fs::path& root) {
  std::error_code failed;
  fs::create_directories(root, failed);
  const fs::path place = failed ? root : fs::canonical(root, failed);
  if (failed) return fail(Errc::kIo, "cannot make folder '{}': {}", root.string(), failed.message());
  removeLeftovers(place);
  return std::unique_ptr<PackageStore>(new PackageStore(place));
}

Result<fs::path> PackageStore::newFolder(std::string_view prefix) const {
  std::string name = (root_ / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr) return noWrite(root_);
  return fs::path(name);
}

PackageStore::Incoming::Incoming(Incoming&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), unpacking_(std::move(other.unpacking_)) {}

PackageStore::Incoming::~Incoming() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<> PackageStore::Incoming::take(std::string_view bytes) { return unpacking_.take(bytes); }

Result<Manifest> PackageStore::Incoming::finish() {
  if (auto whole = unpacking_.finish(); !whole) return std::unexpected(whole.error());
  return readOwnManifest(folder_);
}

Result<PackageStore::Incoming> PackageStore::receive() {
  auto folder = newFolder(kNew);
  if (!folder) return std::unexpected(folder.error());
  auto unpacking = Unpacking::into(*folder);
  if (!unpacking) {
    std::error_code ignored;
    fs::remove_all(*folder, ignored);
    return std::unexpected(unpacking.error());
  }
  return Incoming(std::move(*folder), std::move(*unpacking));
}

Result<PackageStore::Kept> PackageStore::keep(Incoming incoming, const Manifest& manifest) {
  const std::lock_guard lock(mutex_);
  const fs::path above = root_ / manifest.id;
  const fs::path folder = folderOf(manifest);
  if (::mkdir(above.c_str(), kFolderMode) != 0 && errno != EEXIST) return noWrite(above);
  if (::chmod(incoming.folder().c_str(), kFolderMode) != 0) return noWrite(incoming.folder());
  const int renamed =
      ::renameat2(AT_FDCWD, incoming.folder().c_str(), AT_FDCWD, folder.c_str(), RENAME_NOREPLACE);
  if (renamed == 0) {
    incoming.folder_.clear();
    for (const fs::path& each : {above, root_}) {
      if (auto kept = syncFolder(each); !kept) return std::unexpected(kept.error());
    }
    return Kept{folder, true};
  }
  if (errno != EEXIST) return noWrite(folder);
  const auto there = packageSha256(folder);
  const auto given = packageSha256(incoming.folder());
  if (!there) return std::unexpected(there.error());
  if (!given) return std::unexpected(given.error());
  if (*there == *given) return Kept{folder, false};
  return fail(
      Errc::kExists,
      "{} {} is installed already, with another content; give this one another version, or remove that one "
      "first (revengectl remove {}@{})",
      manifest.id, manifest.version.text(), manifest.id, manifest.version.text());
}

std::vector<StoredPackage> PackageStore::versions(std::string_view id) const {
  std::vector<StoredPackage> found;
  // Whatever else somebody asks for is no name in this store.
  if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos || id.empty())
    return found;
  std::error_code failed;
  for (fs::directory_iterator entry(root_ / id, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    auto version = Semver::parse(entry->path().filename().string());
    if (version) found.push_back({std::move(*version), entry->path()});
  }
  std::ranges::sort(found, [](const StoredPackage& a, const StoredPackage& b) {
    if (a.version != b.version) return b.version < a.version;
    return b.version.build < a.version.build;
  });
  return found;
}

std::vector<std::string> PackageStore::ids() const {
  std::vector<std::string> ids;
  std::error_code failed;
  for (fs::directory_iterator entry(root_, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with('.')) ids.push_back(std::move(name));
  }
  std::ranges::sort(ids);
  return ids;
}

// Out of its place by one rename first: half a package is never found there.
Result<> PackageStore::remove(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  const auto aside = newFolder(kOld);
  if (!aside) return std::unexpected(aside.error());
  std::error_code ignored;
  if (::rename(folder.c_str(), aside->c_str()) != 0) {
    const int error = errno;
    fs::remove_all(*aside, ignored);
    return fail(error == ENOENT ? Errc::kNotFound : Errc::kIo, "'{}': cannot be removed: {}", folder.string(),
                errnoText(error));
  }
  auto kept = syncFolder(folder.parent_path());
  fs::remove_all(*aside, ignored);
  (void)fs::remove(folder.parent_path(), ignored);  // while it holds another version it stays
  return kept;
}

bool PackageStore::holds(const fs::path& folder) const { return folder.parent_path().parent_path() == root_; }

}  // namespace revenge::module
