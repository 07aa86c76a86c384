#include "wiring/queues.hpp"

#include <algorithm>

namespace revenge::http_limits {

Codel& Queues::of(std::uint64_t queue, Instant now) {
  for (const std::atomic<Queue*>& place : places_) {
    Queue* const known = place.load(std::memory_order_acquire);
    if (known == nullptr) return meet(queue, now);
    if (known->number == queue) return known->codel;
  }
  return places_.back().load(std::memory_order_acquire)->codel;
}

Codel& Queues::meet(std::uint64_t queue, Instant now) {
  const std::scoped_lock lock(mutex_);
  for (const auto& known : queues_)
    if (known->number == queue) return known->codel;
  if (queues_.size() == kMost) return queues_.back()->codel;
  Queue& made = *queues_.emplace_back(std::make_unique<Queue>(queue, options_));
  if (const auto resumed = resumed_.find(queue); resumed != resumed_.end())
    made.codel.resume(resumed->second, now);
  places_[queues_.size() - 1].store(&made, std::memory_order_release);
  return made.codel;
}

void Queues::use(const CodelOptions& options) {
  const std::scoped_lock lock(mutex_);
  options_ = options;
  for (const auto& queue : queues_) queue->codel.use(options);
}

std::vector<Queues::Level> Queues::levels() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Level> levels;
  levels.reserve(queues_.size());
  for (const auto& queue : queues_) levels.push_back({queue->number, queue->codel.level()});
  return levels;
}

int Queues::highest() const {
  int highest = 0;
  for (const Level& each : levels()) highest = std::max(highest, each.level);
  return highest;
}

void Queues::resume(const std::vector<Level>& levels) {
  const std::scoped_lock lock(mutex_);
  for (const Level& each : levels) resumed_[each.queue] = each.level;
}

void Queues::rest(Instant now) {
  const std::scoped_lock lock(mutex_);
  for (const auto& queue : queues_) queue->codel.observe(Duration::zero(), now);
}

}  // namespace revenge::http_limits
