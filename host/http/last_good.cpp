#include "http/last_good.hpp"

#include <utility>

namespace revenge::http {

namespace {

std::string keyOf(std::string_view plugin, std::string_view target) {
  std::string key(plugin);
  key += ' ';  // in no plugin's id
  key += target;
  return key;
}

}  // namespace

void LastGood::keep(std::string_view plugin, std::string_view target, KeptAnswer answer) {
  std::string key = keyOf(plugin, target);
  const std::scoped_lock lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    const auto entry = found->second;
    bytes_ -= entry->bytes();
    entry->answer = std::move(answer);
    bytes_ += entry->bytes();
    entries_.splice(entries_.begin(), entries_, entry);
  } else {
    entries_.push_front({std::move(key), std::move(answer)});
    by_key_.emplace(entries_.front().key, entries_.begin());
    bytes_ += entries_.front().bytes();
  }
  while (bytes_ > kMaxBytes) {
    bytes_ -= entries_.back().bytes();
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

bool LastGood::find(std::string_view plugin, std::string_view target, KeptAnswer& answer) {
  const std::string key = keyOf(plugin, target);
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  entries_.splice(entries_.begin(), entries_, found->second);
  answer = found->second->answer;
  return true;
}

}  // namespace revenge::http
