// Installing and removing packages of this host: what comes in is judged before anything of it is kept, versions stay side
// by side, and a plugin that runs is swapped to a newer one. Nothing that does not run is started unless that is asked for.
// app owns it. Thread safety: every function may be called from any thread except I/O threads (operations wait for plugins).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "module/loader.hpp"
#include "module/package_store.hpp"
#include "plugin/plugins.hpp"

namespace revenge::plugin {

// What install() does beside keeping the package.
struct InstallWish {
  bool enable = false;   // it shall run: also when it is new, switched off, or older than what runs
  bool dry_run = false;  // say what would come of it, and keep nothing
};

struct Installed {
  enum class Outcome : std::uint8_t {
    kKept,     // it is there, and runs no sooner than somebody says so
    kSwapped,  // it runs in the place of another version
    kStarted,
    kRuns,  // this very package runs already
  };
  std::string id;
  std::string version;
  std::filesystem::path folder;  // of a dry run: where it would be
  std::string signature;         // the verdict on it
  Outcome outcome = Outcome::kKept;
  std::string runs;                  // the version that served before; empty: none
  bool anew = false;                 // it was not there before
  std::vector<std::string> removed;  // versions that were more than are kept
  std::vector<std::string> warnings;
  std::optional<Report> report;  // of the swap or start
};

struct PackageView {
  std::string id;
  std::string version;
  std::filesystem::path folder;
  bool serves = false;    // an instance was loaded from it
  bool chosen = false;    // it is what starts next
  bool way_back = false;  // rollback returns to it
};

struct Removal {
  std::string id;
  std::vector<std::string> versions;
  bool disabled = false;  // the plugin was stopped first
};

class Packages {
 public:
  // All outlive this object.
  struct Rooms {
    Plugins& plugins;
    module::Loader& loader;
    module::PackageStore& store;
  };
  // `keep`: versions of a plugin beside those that serve, start next or are the way back.
  Packages(Rooms rooms, std::size_t keep) : rooms_(rooms), keep_(keep) {}

  base::Result<module::PackageStore::Incoming> receive() { return rooms_.store.receive(); }
  // Errors: what the archive, the loader or the swap refuses; then everything is as it was. Warnings say what went wrong
  // after that.
  base::Result<Installed> install(module::PackageStore::Incoming incoming, const InstallWish& wish,
                                  const Progress& progress = {});

  // `version` empty: all of them. kNotFound; kRefused: it runs, starts next, or is the way back. `even_so` stops it first.
  base::Result<Removal> remove(std::string_view id, std::string_view version, bool even_so, bool dry_run);

  // By id and from the highest version down. `id` empty: of all plugins.
  std::vector<PackageView> list(std::string_view id = {}) const;

 private:
  base::Result<> run(Installed& installed, const InstallWish& wish, const std::optional<PluginView>& before,
                     const Progress& progress);
  static Installed::Outcome outcomeOf(const std::optional<PluginView>& before,
                                      const module::Manifest& manifest, const InstallWish& wish);
  std::vector<std::string> prune(std::string_view id, const std::filesystem::path& newest);

  const Rooms rooms_;
  const std::size_t keep_;
};

std::string_view name(Installed::Outcome outcome);

// No file of a package is larger.
inline constexpr std::uint64_t kMaxPackageFileBytes = module::kMaxPackageFileBytes;

}  // namespace revenge::plugin
