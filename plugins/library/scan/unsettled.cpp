#include "scan/unsettled.hpp"

#include <algorithm>

namespace library {

bool Unsettled::holds(const std::string& path, const disk::MediaFile& file, std::int64_t now_ms) {
  constexpr std::int64_t kMillion = 1'000'000;
  const std::int64_t age = now_ms - file.modified_ns / kMillion;
  const bool was_closed = closed_.erase(path) > 0;
  const auto known = waiting_.find(path);
  const auto settled = [&] {
    if (known != waiting_.end()) waiting_.erase(known);
    return false;
  };
  if (was_closed || age >= kQuietMs) return settled();
  if (known == waiting_.end()) {
    // What has stood still since before now counts from then on.
    const std::int64_t since = age > 0 ? now_ms - age : now_ms;
    waiting_.emplace(path, Seen{file.bytes, file.modified_ns, since, now_ms});
    return true;
  }
  Seen& seen = known->second;
  seen.asked_ms = now_ms;
  if (seen.bytes != file.bytes || seen.modified_ns != file.modified_ns)
    seen = {file.bytes, file.modified_ns, now_ms, now_ms};
  if (now_ms - seen.since_ms >= kQuietMs) return settled();
  return true;
}

std::int64_t Unsettled::nextLook(std::int64_t now_ms) {
  constexpr std::int64_t kForgotten = 20 * kQuietMs;
  std::erase_if(waiting_, [&](const auto& one) { return now_ms - one.second.asked_ms > kForgotten; });
  closed_.clear();
  std::int64_t next = 0;
  for (const auto& [path, seen] : waiting_) {
    const std::int64_t at = seen.since_ms + kQuietMs;
    if (next == 0 || at < next) next = at;
  }
  return next;
}

}  // namespace library
