#include "config/mounts.hpp"

#include <filesystem>
#include <fstream>
#include <ranges>
#include <set>
#include <sstream>

namespace revenge::config {
namespace {

namespace fs = std::filesystem;

bool isOctal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes blanks and backslashes in paths as \040.
std::string unescaped(std::string_view field) {
  constexpr std::size_t kLength = 4;
  std::string path;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view escape = field.substr(i, kLength);
    if (escape.size() == kLength && escape[0] == '\\' && isOctal(escape[1]) && isOctal(escape[2]) &&
        isOctal(escape[3])) {
      path += static_cast<char>(((escape[1] - '0') << 6) | ((escape[2] - '0') << 3) | (escape[3] - '0'));
      i += kLength - 1;
    } else {
      path += field[i];
    }
  }
  return path;
}

// "36 35 98:0 /root /mount/point rw,noatime - ext4 /dev/root rw": the fifth field.
std::set<std::string> mountPoints(std::string_view mountinfo) {
  constexpr int kField = 4;
  std::set<std::string> points;
  for (const auto line : mountinfo | std::views::split('\n')) {
    int at = 0;
    for (const auto field : line | std::views::split(' ')) {
      if (at++ == kField) points.insert(unescaped(std::string_view(field.begin(), field.end())));
    }
  }
  return points;
}

}  // namespace

std::vector<std::string> mountedAlone(std::string_view mountinfo, std::span<const std::string> paths) {
  const std::set<std::string> points = mountPoints(mountinfo);
  std::vector<std::string> alone;
  for (const std::string& path : paths) {
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    if (!failed && points.contains(real.string()) && !fs::is_directory(real, failed)) alone.push_back(path);
  }
  return alone;
}

std::vector<std::string> mountedAlone(std::span<const std::string> paths) {
  std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return mountedAlone(text.str(), paths);
}

}  // namespace revenge::config
