// Finds plugin folders below the configured folders, without reading them. Thread safety: a pure function of
// the disk.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace revenge::module {

struct Package {
  std::string id;  // the name of its folder
  std::filesystem::path folder;
  std::optional<std::filesystem::path> shadowedBy;  // the package of the same id that is used instead
};

struct FoundPackages {
  std::vector<Package> packages;      // by id, the used one before those it shadows
  std::vector<base::Error> problems;  // one per configured folder that is missing or unreadable
};

// A package is a folder <id>/ that holds a plugin.json. Of several with one id the one below the first
// configured folder is used; the others are listed as shadowed, never silently ignored.
FoundPackages findPackages(std::span<const std::filesystem::path> folders);

}  // namespace revenge::module
