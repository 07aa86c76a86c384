// The packages this host was given to keep: <root>/<id>/<version>/, each whole and never changed. A package comes in beside
// them and takes its place by one rename, so that after a crash or on a full disk it is there, or nothing of it is. Owned by
// app, one per state folder. Thread safety: every function may be called from any thread; an Incoming is confined to one.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "module/manifest.hpp"
#include "module/package_file.hpp"

namespace revenge::module {

struct StoredPackage {
  Semver version;
  std::filesystem::path folder;
};

class PackageStore {
 public:
  // Makes the folder, and deletes what an earlier run left half done.
  static base::Result<std::unique_ptr<PackageStore>> open(const std::filesystem::path& root);

  // A package that comes in, in a folder of its own; without keep() nothing of it is left.
  class Incoming {
   public:
    Incoming(Incoming&& other) noexcept;
    Incoming& operator=(Incoming&&) = delete;
    ~Incoming();

    base::Result<> take(std::string_view bytes);  // of its archive
    // The archive is whole and on the disk; its manifest, whose id decides where it belongs.
    base::Result<Manifest> finish();
    const std::filesystem::path& folder() const { return folder_; }

   private:
    friend class PackageStore;
    Incoming(std::filesystem::path folder, Unpacking unpacking)
        : folder_(std::move(folder)), unpacking_(std::move(unpacking)) {}

    std::filesystem::path folder_;  // empty: kept, or moved from
    Unpacking unpacking_;
  };
  base::Result<Incoming> receive();

  // Its folder from now on, and whether it is there anew. The very same package may be there already; kExists: another one of
  // that version is.
  struct Kept {
    std::filesystem::path folder;
    bool anew = false;
  };
  base::Result<Kept> keep(Incoming incoming, const Manifest& manifest);

  // Where keep() would put it.
  std::filesystem::path folderOf(const Manifest& manifest) const {
    return root_ / manifest.id / manifest.version.text();
  }

  // Highest version first; what cannot be read as a package is left out.
  std::vector<StoredPackage> versions(std::string_view id) const;
  std::vector<std::string> ids() const;
  base::Result<> remove(const std::filesystem::path& folder);
  // Whether it is one of this store.
  bool holds(const std::filesystem::path& folder) const;

 private:
  explicit PackageStore(std::filesystem::path root) : root_(std::move(root)) {}

  base::Result<std::filesystem::path> newFolder(std::string_view prefix) const;

  const std::filesystem::path root_;
  std::mutex mutex_;  // held while a package takes its place, or leaves it
};

}  // namespace revenge::module
