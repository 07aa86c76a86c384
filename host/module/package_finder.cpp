#include "module/package_finder.hpp"

#include <algorithm>
#include <map>
#include <system_error>

namespace revenge::module {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> packagesBelow(const fs::path& folder, std::vector<base::Error>& problems) {
  std::error_code error;
  std::vector<fs::path> result;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code absent;
    // symlink_status: a broken or hostile plugin.json is a package too, so that reading it can tell what is
    // wrong.
    if (fs::symlink_status(entry->path() / "plugin.json", absent).type() != fs::file_type::not_found &&
        !absent) {
      result.push_back(entry->path());
    }
  }
  if (error) {
    problems.push_back(
        {error == std::errc::no_such_file_or_directory ? base::Errc::kNotFound : base::Errc::kIo,
         fmt::format("plugin folder '{}': {}; create it or correct the configuration", folder.string(),
                     error.message())});
  }
  return result;
}

}  // namespace

FoundPackages findPackages(std::span<const fs::path> folders) {
  FoundPackages found;
  std::map<std::string, fs::path> used;
  for (const auto& folder : folders) {
    for (auto& path : packagesBelow(folder, found.problems)) {
      Package package{.id = path.filename().string(), .folder = path, .shadowedBy = {}};
      const auto [first, isFirst] = used.try_emplace(package.id, path);
      if (!isFirst) package.shadowedBy = first->second;
      found.packages.push_back(std::move(package));
    }
  }
  std::ranges::stable_sort(found.packages, {}, &Package::id);
  return found;
}

}  // namespace revenge::module
