// The configurations that were in force, the last 20 of them, kept over restarts: of each the texts of its files, and what
// is behind it. What a file of a secret holds is never kept; the file of the history is its owner's alone, because a text
// may hold one too. Its own damage costs a warning, never the start. Thread safety: every function from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/sources.hpp"

namespace revenge::config {

struct KeptFile {
  SourceKind kind = SourceKind::kMain;
  std::string name = {};  // of a drop-in
  std::string text;

  bool operator==(const KeptFile&) const = default;
};

struct Kept {
  std::uint64_t number = 0;  // counts the configurations of this installation from 1; grows over restarts
  base::WallTime at = {};
  std::string by;
  std::vector<std::string> changed = {};  // keys, never values
  std::vector<KeptFile> files = {};       // in the order of their layers
};

// What was tried last and is not in force.
struct RefusedCandidate {
  base::WallTime at = {};
  std::string by;
  std::vector<std::string> reasons;
};

class History {
 public:
  static constexpr std::size_t kKept = 20;

  // Reads it; what is no history is set aside under the name NAME.damaged.
  explicit History(std::filesystem::path file);

  // Why it could not be read or written the last time; empty: all is well.
  std::string trouble() const;

  // At the start: the files as they were left, or as they have become since.
  std::uint64_t begin(base::WallTime now, const Sources& sources);
  // One that came into force, and its number. Nothing refused is shown any more.
  std::uint64_t record(base::WallTime now, std::string by, std::vector<std::string> changed,
                       const Sources& sources);
  void settle();  // what was refused is so no more
  void refuse(base::WallTime now, std::string by, std::vector<std::string> reasons);

  std::uint64_t number() const;    // in force
  std::vector<Kept> kept() const;  // newest first
  std::optional<Kept> of(std::uint64_t number) const;
  std::optional<RefusedCandidate> refused() const;

 private:
  void read();
  void writeLocked();

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Kept> kept_;       // guarded by mutex_
  std::optional<RefusedCandidate> refused_;  // guarded by mutex_
  std::string trouble_;                      // guarded by mutex_
};

// What of the sources a history keeps, and the sources that its files make at these places; those of secrets are left out.
std::vector<KeptFile> keptFiles(const Sources& sources);
Sources sourcesOf(const std::vector<KeptFile>& files, const Places& places);

}  // namespace revenge::config
