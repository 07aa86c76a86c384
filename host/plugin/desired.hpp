// What the operator wants of each plugin, kept on disk apart from what is: whether it should run and which folder it is
// loaded from. Observed state never changes it, and an entry of a plugin that is not installed is kept.
// Format of the file: a line per plugin, tab-separated: id, on|off, folder or "-", previous folder or "-", and, where a
// plan gave any, its configuration and the previous one as JSON or "-".
// Thread safety: everything may be called from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::plugin {

struct Wish {
  bool on = true;
  std::filesystem::path folder = {};    // empty: wherever the plugin folders have it
  std::filesystem::path previous = {};  // what rollback returns to; empty: nothing
  std::string config = {};           // JSON of what a plan lays over the configured section; empty: nothing
  std::string previous_config = {};  // what rollback returns to with it

  bool operator==(const Wish&) const = default;
};

using Wishes = std::map<std::string, Wish, std::less<>>;  // by plugin id

class Desired {
 public:
  // A missing file is an empty one. A damaged line is refused with file and line: guessing could start what was off.
  static base::Result<Wishes> read(const std::filesystem::path& file);

  Desired(std::filesystem::path file, Wishes wishes) : file_(std::move(file)), wishes_(std::move(wishes)) {}

  Wish of(std::string_view id) const;
  // Durable when it returns; on failure the old wish stands.
  base::Result<> set(std::string_view id, const Wish& wish);
  base::Result<> set(const Wishes& changed);  // all or none

 private:
  base::Result<> write(const Wishes& wishes) const;

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  Wishes wishes_;  // guarded by mutex_
};

}  // namespace revenge::plugin
