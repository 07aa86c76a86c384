// LibrarySettings: what a client says of a library, and what is wrong with it. Thread safety: values; reading looks at the
// file system, which blocks.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "api/json.hpp"
#include "api/problem.hpp"

namespace library::api {

struct LibrarySettings {
  std::string name{};
  std::string type{};  // movie, tvshow, music
  std::vector<std::string> paths{};

  bool operator==(const LibrarySettings&) const = default;
};

struct FolderRules {
  std::span<const std::string> allowed;  // paths lie in one of these
  std::span<const std::string> kept{};   // paths that need not be there now: the library has them already
};

// All that is wrong, one entry for each field.
std::expected<LibrarySettings, FieldErrors> readLibrary(const Json& body, const FolderRules& rules);

// As a client would write it.
Json jsonOf(const LibrarySettings& settings);

}  // namespace library::api
