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
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

// Plugins by id, and where they are: these alone start, whatever is wanted. The operator's next word on one of them counts again;
// on disk stays what was wanted.
using StandIn = std::map<std::string, std::filesystem::path, std::less<>>;

using Wishes = std::map<std::string, Wish, std::less<>>;  // by plugin id

class Desired {
 public:
  // A missing file is an empty one. A damaged line is refused with file and line: guessing could start what was off.
  static base::Result<Wishes> read(const std::filesystem::path& file);

  Desired(std::filesystem::path file, Wishes wishes, std::optional<StandIn> stand_in = {})
      : file_(std::move(file)), wishes_(std::move(wishes)), stand_in_(std::move(stand_in)) {}

  // What holds for it in this run, and what the operator said.
  Wish of(std::string_view id) const;
  Wish said(std::string_view id) const;
  std::vector<std::string> placed() const;  // ids whose wish names a folder
  // Durable when it returns; on failure the old wish stands.
  base::Result<> set(std::string_view id, const Wish& wish);
  base::Result<> set(const Wishes& changed);  // all or none

 private:
  base::Result<> write(const Wishes& wishes) const;

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  Wishes wishes_;                                 // guarded by mutex_
  std::optional<StandIn> stand_in_;               // likewise
  std::set<std::string, std::less<>> spoken_of_;  // likewise; for these there is no stand-in
};

}  // namespace revenge::plugin
