#include "path_parts.hpp"

#include <algorithm>

#include "text.hpp"

namespace library::naming {
namespace {

constexpr std::size_t kMaxExtension = 9;

PathParts splitComponents(std::string_view path) {
  const bool drive = path.size() > 2 && isAsciiLetter(path[0]) && path[1] == ':' && path[2] == '\\';
  const std::string_view separators = drive ? "/\\" : "/";
  if (drive) path.remove_prefix(2);
  PathParts parts;
  while (true) {
    const std::size_t end = path.find_first_of(separators);
    const std::string_view name = path.substr(0, end);
    if (end == std::string_view::npos) {
      parts.file = name;
      break;
    }
    if (!name.empty() && name != ".") {
      if (parts.folders.size() == kMaxFolders) parts.folders.erase(parts.folders.begin());
      parts.folders.push_back(name);
    }
    path.remove_prefix(end + 1);
  }
  return parts;
}

}  // namespace

std::string_view extensionOf(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  const std::string_view extension = name.substr(dot + 1);
  if (extension.empty() || extension.size() > kMaxExtension) return {};
  const auto plain = [](char c) { return isDigit(c) || isAsciiLetter(c) || c == '!' || c == '~'; };
  if (!std::ranges::all_of(extension, plain)) return {};
  return isAllDigits(extension) ? std::string_view() : extension;
}

PathParts splitPath(std::string_view path) {
  PathParts parts = splitComponents(path);
  parts.extension = extensionOf(parts.file);
  parts.stem = parts.extension.empty() ? parts.file
                                       : parts.file.substr(0, parts.file.size() - parts.extension.size() - 1);
  return parts;
}

PathParts splitFolderPath(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  PathParts parts = splitComponents(path);
  parts.stem = parts.file;
  return parts;
}

}  // namespace library::naming
