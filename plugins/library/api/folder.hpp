// Folders that a library may lie in, as clients name them. Thread safety: pure functions over the file system, which block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace library::api {

enum class FolderFault : std::uint8_t {
  kNone,
  kNotAbsolute,    // or with a . or .. in it
  kNotAllowed,     // outside the folders it may lie in, by its name or by a link
  kNotFound,       // nothing is there
  kNotADirectory,  // something else is there
  kNotReadable,    // by this process
};

// Without slashes at the end or in a row. Requires: it is absolute.
std::string tidied(std::string_view path);
bool isInside(std::string_view path, std::string_view folder);  // or the folder itself; both tidied

struct FolderCheck {
  FolderFault fault = FolderFault::kNone;
  std::string real{};  // where it truly is, links followed; empty: it could not be found out
};
// What is outside `allowed` is told nothing of, not even whether it is there.
FolderCheck checkFolder(std::string_view tidied_path, std::span<const std::string> allowed);

bool isPlainAbsolute(std::string_view path);

}  // namespace library::api
