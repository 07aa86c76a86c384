#include "pipeline/coalescer.hpp"

#include <algorithm>
#include <utility>

namespace revenge::resilience {

std::optional<Problem> problem(const CoalesceSettings& settings) {
  if (auto found = outside("max_keys", std::int64_t{settings.max_keys}, 1, 1'000'000)) return found;
  return outside("max_followers", std::int64_t{settings.max_followers}, 1, 1'000'000);
}

Coalescer::Part Coalescer::join(std::string_view key, const void* tag,
                                const std::shared_ptr<Follower>& follower) {
  if (key.empty()) return Part::kAlone;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= settings_.max_keys) return Part::kAlone;
    entries_.emplace(std::string(key), Entry{tag, {}});
    return Part::kLead;
  }
  Entry& entry = found->second;
  if (entry.tag != tag || entry.followers.size() >= settings_.max_followers) return Part::kAlone;
  entry.followers.push_back(follower);
  return Part::kFollow;
}

bool Coalescer::leave(std::string_view key, const Follower& follower) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  return std::erase_if(found->second.followers, [&](const auto& one) { return one.get() == &follower; }) != 0;
}

void Coalescer::done(std::string_view key, const void* word, const Ending& ending) noexcept {
  std::deque<std::shared_ptr<Follower>> followers;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    followers = std::move(found->second.followers);
    entries_.erase(found);
  }
  shared_.fetch_add(followers.size(), std::memory_order_relaxed);
  for (const std::shared_ptr<Follower>& follower : followers) follower->receive(word, ending);
}

void Coalescer::cancelled(std::string_view key) noexcept {
  std::shared_ptr<Follower> next;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    if (found->second.followers.empty()) {
      entries_.erase(found);
      return;
    }
    next = std::move(found->second.followers.front());
    found->second.followers.pop_front();
  }
  next->lead();
}

std::size_t Coalescer::keys() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace revenge::resilience
