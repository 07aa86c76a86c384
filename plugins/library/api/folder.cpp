#include "api/folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace library::api {

namespace {

std::string realPath(const std::string& path) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(realpath(path.c_str(), nullptr));
  return real == nullptr ? std::string() : std::string(real.get());
}

}  // namespace

bool isPlainAbsolute(std::string_view path) {
  if (!path.starts_with('/')) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part == "." || part == "..") return false;
    path.remove_prefix(slash);
  }
  return true;
}

std::string tidied(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

bool isInside(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

FolderCheck checkFolder(std::string_view tidied_path, std::span<const std::string> allowed) {
  if (!isPlainAbsolute(tidied_path)) return {FolderFault::kNotAbsolute};
  const std::string path(tidied_path);
  if (!std::ranges::any_of(allowed, [&](const std::string& one) { return isInside(path, tidied(one)); }))
    return {FolderFault::kNotAllowed};
  FolderCheck check{.real = realPath(path)};
  if (check.real.empty()) {
    check.fault = errno == EACCES ? FolderFault::kNotReadable : FolderFault::kNotFound;
    return check;
  }
  const bool stays = std::ranges::any_of(allowed, [&](const std::string& one) {
    const std::string real = realPath(one);
    return !real.empty() && isInside(check.real, real);
  });
  if (!stays) return {FolderFault::kNotAllowed};
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0)
    check.fault = FolderFault::kNotFound;
  else if (!S_ISDIR(facts.st_mode))
    check.fault = FolderFault::kNotADirectory;
  else if (faccessat(AT_FDCWD, path.c_str(), R_OK | X_OK, AT_EACCESS) != 0)
    check.fault = FolderFault::kNotReadable;
  return check;
}

}  // namespace library::api
