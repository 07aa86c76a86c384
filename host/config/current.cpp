#include "config/current.hpp"

#include <utility>

namespace revenge::config {
namespace {

std::uint64_t nextStore() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Current::Current(std::shared_ptr<const Snapshot> first) : store_(nextStore()), snapshot_(std::move(first)) {}

Current::~Current() = default;

const Snapshot& Current::refresh() const {
  thread_local std::shared_ptr<const Snapshot> kept;
  const std::lock_guard lock(mutex_);
  kept = snapshot_;
  mine = {store_, revision_.load(std::memory_order_relaxed), kept.get()};
  return *kept;
}

std::shared_ptr<const Snapshot> Current::keep() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::shared_ptr<const Snapshot> Current::exchange(std::shared_ptr<const Snapshot> next) {
  const std::lock_guard lock(mutex_);
  const auto before = std::exchange(snapshot_, std::move(next));
  revision_.fetch_add(1, std::memory_order_release);
  return before;
}

}  // namespace revenge::config
