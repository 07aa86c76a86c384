// Unsettled: files that may still be being written. A file counts when size and time stood still for a while, or when whoever
// wrote it has closed it. Kept between scans; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "disk/folder.hpp"

namespace library {

class Unsettled {
 public:
  static constexpr std::int64_t kQuietMs = 10'000;

  // Whether it is to wait; `path` names it. A time of modification in the future says nothing: it is waited for by size.
  bool holds(const std::string& path, const disk::MediaFile& file, std::int64_t now_ms);
  // Its writer is done: for the scan that comes now.
  void closed(std::string path) { closed_.insert(std::move(path)); }
  // It is known to be whole after all.
  void settle(const std::string& path) { waiting_.erase(path); }
  // After a scan: when the first of those that wait may count; 0: none waits. Forgets those not seen for long.
  std::int64_t nextLook(std::int64_t now_ms);
  std::size_t count() const { return waiting_.size(); }

 private:
  struct Seen {
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    std::int64_t since_ms = 0;
    std::int64_t asked_ms = 0;
  };
  std::unordered_map<std::string, Seen> waiting_;
  std::unordered_set<std::string> closed_;
};

}  // namespace library
