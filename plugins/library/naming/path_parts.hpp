// A path below a library root, as its folders, stem and extension. Thread safety: a value; it borrows the path.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace library::naming {

struct PathParts {
  std::vector<std::string_view> folders;  // outermost first, at most kMaxFolders: the innermost are kept
  std::string_view file;
  std::string_view stem;
  std::string_view extension;  // without its dot; empty: none

  // The nth folder counted from the file, 0 the innermost; empty: there is none.
  std::string_view folder(std::size_t from_file) const {
    return from_file < folders.size() ? folders[folders.size() - 1 - from_file] : std::string_view();
  }
};

inline constexpr std::size_t kMaxFolders = 32;

// Accepts "/" anywhere, and "\" where a drive letter stands at the front.
PathParts splitPath(std::string_view path);
// The same, of the name of a folder: a dot in it begins no extension.
PathParts splitFolderPath(std::string_view path);

// What follows the last dot, if it looks like an extension: 1 to 9 letters or digits, not digits alone unless known.
std::string_view extensionOf(std::string_view name);

}  // namespace library::naming
