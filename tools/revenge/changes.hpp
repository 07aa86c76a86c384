// Which files of a plugin's folder are its source, and when what was saved is whole: an editor that saves makes other files,
// takes the source away for a moment, and writes in pieces. Thread safety: plain values, confined to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace revenge::author {

// Names, not paths. Hidden ones are nobody's source, nor is what editors leave beside it.
bool isSourceName(std::string_view name);
bool isSourceFolder(std::string_view name);

enum class Happened { kAppeared, kWritten, kGone };

class Changes {
 public:
  // Without an event for kQuiet a save is over; one that took a file away is waited for until kLongest.
  static constexpr base::Duration kQuiet = std::chrono::milliseconds(30);
  static constexpr base::Duration kLongest = std::chrono::milliseconds(300);

  void add(const std::string& file, Happened what, base::Instant now);
  // Something happened of which nothing is known.
  void addUnknown(base::Instant now);

  bool any() const { return first_.has_value(); }
  // When take() may be called; nothing: there is nothing to take.
  std::optional<base::Instant> due() const;
  // The files that changed, sorted; empty: it is not known which, or only those changed that came and went.
  struct Taken {
    std::vector<std::string> files;
    bool unknown = false;
    bool empty() const { return files.empty() && !unknown; }
  };
  Taken take();

 private:
  std::map<std::string, Happened> first_of_;  // what happened to it first
  std::set<std::string> gone_;
  std::optional<base::Instant> first_;
  base::Instant last_;
  bool unknown_ = false;
};

}  // namespace revenge::author
