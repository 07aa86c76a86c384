// The plugin's folder as the kernel tells of it (inotify), with every folder of source below it. Thread safety: confined to
// one thread.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "revenge/changes.hpp"

namespace revenge::author {

class SourceWatch {
 public:
  // Build trees are no source: `build`, and every folder with a CMakeCache.txt.
  static base::Result<SourceWatch> open(std::filesystem::path root, std::filesystem::path build);

  int descriptor() const { return inotify_.get(); }
  // Whatever has happened, without waiting. What is wrong with the watching: once for each cause.
  base::Result<> drain(Changes& changes, base::Instant now);

 private:
  SourceWatch(base::UniqueFd inotify, std::filesystem::path root, std::filesystem::path build)
      : inotify_(std::move(inotify)), root_(std::move(root)), build_(std::move(build)) {}

  base::Result<> arm();
  base::Result<> armBelow(const std::filesystem::path& folder, std::map<int, std::filesystem::path>& armed);
  bool isSource(const std::filesystem::path& folder) const;

  base::UniqueFd inotify_;
  std::filesystem::path root_;
  std::filesystem::path build_;
  std::map<int, std::filesystem::path> folders_;  // by watch, relative to root_
};

}  // namespace revenge::author
