// scan(): finds the media files below folders. Blocks for as long as the disks take; safe from any thread.
//
// Follows links that stay inside their folder, each folder once however many links lead to it, so that circles end.
// Real folders come before linked ones: a file below both is known by its real path.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalogue.hpp"

namespace stream {

struct ScanOptions {
  std::vector<std::string> folders;  // absolute
  bool hidden = false;               // also names that begin with a dot
  std::size_t maxFiles = 100'000;

  bool operator==(const ScanOptions&) const = default;
};

struct ScanReport {
  std::vector<Entry> entries;
  std::vector<std::string> problems;  // what could not be listed, and why; the first few
  std::vector<std::string> refusals;  // links that lead out of their folder; the first few
  bool cancelled = false;
  bool truncated = false;  // at maxFiles
};

struct ScanWatcher {
  std::function<bool()> cancelled = [] {
    return false;
  };  // asked at every folder and every few hundred names
  std::function<void(const std::vector<Entry>&)> progress = [](const std::vector<Entry>&) {};  // so far
};

ScanReport scan(const ScanOptions& options, const ScanWatcher& watcher = {});

// Whether any part of a relative path begins with a dot.
bool isHidden(std::string_view path);

}  // namespace stream
