// Scans: which libraries are being read from disk, which wait for it, how far they are. One reads at a time; asking again for
// one that waits changes nothing, for one that runs it is read once more. Safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/id.hpp"

namespace library {

enum class ScanState : std::uint8_t { kIdle, kQueued, kRunning };

struct ScanReport {
  ScanState state = ScanState::kIdle;
  std::uint64_t number = 0;   // counts the scans of this library since the plugin started; 0: none yet
  bool complete = false;      // of the last that ended: it read everything there is
  bool cancelled = false;     // it was stopped
  std::uint64_t folders = 0;  // read so far
  std::uint64_t files = 0;    // media files seen
  std::uint64_t added = 0;    // not known before
  std::uint64_t changed = 0;  // with other content
  std::uint64_t moved = 0;    // found again elsewhere
  std::uint64_t missing = 0;  // no longer there
  std::uint64_t waiting = 0;  // still being written
  std::uint64_t failed = 0;   // folders that could not be read
  std::vector<std::string> problems;        // the first few, for people
  std::int64_t began_us = 0, ended_us = 0;  // since 1970 UTC; 0: not yet
};

class Scans {
 public:
  virtual ~Scans() = default;
  // False: it waits or runs already, and will see what is on disk now.
  virtual bool start(const Id& library) = 0;
  // False: there is none to stop. What it found so far stays.
  virtual bool stop(const Id& library) = 0;
  virtual ScanReport report(const Id& library) const = 0;
  // The library was made, changed or deleted: its folders are watched, or no longer.
  virtual void reconsider(const Id& library) = 0;
};

}  // namespace library
