// From the folder of a plugin to its one file: what a host would refuse is said before it is packed. Thread safety: pure
// functions over the disk.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "module/manifest.hpp"
#include "module/package_file.hpp"

namespace revenge::author {

struct PackageBuild {
  module::Manifest manifest;
  std::string text;                   // of plugin.json as it is packed: with the hashes of everything
  bool completed = false;             // it lacked some
  std::vector<std::string> warnings;  // of the library's verdict: what it will do to a host
};

// The manifest's text with the hashes it lacks, everything else and each line of it as it was.
std::string withHashes(std::string_view manifest, const std::optional<std::string>& library,
                       const std::optional<module::Instead>& files);

// Errors name the file: a manifest that a host refuses, a hash that is not that of the file, a library that no host takes.
base::Result<PackageBuild> buildPackage(const std::filesystem::path& folder);

// By the program minisign, which asks for the key's password where it has one. The same key and text give the same
// signature.
base::Result<std::string> signManifest(const PackageBuild& build, const std::filesystem::path& key);

}  // namespace revenge::author
