// Keeps the good probe reports on disk, keyed by the library's hash and the host's build: a known library is
// not probed again. Failures are never kept, so that trying again tries again. Thread safety: any thread;
// calls serialise. A damaged file is forgotten, not an error.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "module/probe.hpp"

namespace revenge::module {

class ProbeCache {
 public:
  ProbeCache(std::filesystem::path file, std::string hostBuild);

  std::optional<ProbeReport> find(const std::string& sha256) const;
  // Replaces the file atomically. At most 512 reports are kept, oldest out first.
  base::Result<> keep(const std::string& sha256, const ProbeReport& report);

 private:
  struct Entry {
    std::string sha256;
    ProbeReport report;
  };

  std::filesystem::path file_;
  std::string hostBuild_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // oldest first
};

}  // namespace revenge::module
