// The folder that holds backups, a file each, named by the time it was begun: revenge-20260131T235959Z.db. Whatever is named
// otherwise is somebody else's, and left alone. Thread safety: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <revenge/result.hpp>

namespace database {

struct Kept {
  std::string file;
  std::uint64_t size_bytes = 0;
  std::chrono::system_clock::time_point made;
};

class Archive {
 public:
  Archive(std::string folder, std::string ending) : folder_(std::move(folder)), ending_(std::move(ending)) {}

  const std::string& folder() const { return folder_; }
  // With "-2" and so on behind the time, where that name is taken.
  std::string fileFor(std::chrono::system_clock::time_point now) const;
  // Newest first. kNotFound: the folder is missing.
  revenge::Result<std::vector<Kept>> list() const;
  // Deletes the oldest beyond `keep`; the newest stays in every case. kIo names the first that could not be.
  revenge::Status prune(std::size_t keep) const;

 private:
  std::optional<Kept> read(const std::string& name) const;

  const std::string folder_;
  const std::string ending_;
};

}  // namespace database
