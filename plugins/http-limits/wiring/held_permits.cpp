#include "wiring/held_permits.hpp"

#include <algorithm>

namespace revenge::http_limits {

bool HeldPermits::add(std::uint64_t token) {
  Shelf& shelf = of(token);
  const std::scoped_lock lock(shelf.mutex);
  if (closed_.load()) return false;
  shelf.tokens.push_back(token);
  return true;
}

bool HeldPermits::take(std::uint64_t token) {
  Shelf& shelf = of(token);
  const std::scoped_lock lock(shelf.mutex);
  const auto found = std::ranges::find(shelf.tokens, token);
  if (found == shelf.tokens.end()) return false;
  *found = shelf.tokens.back();
  shelf.tokens.pop_back();
  return true;
}

std::vector<std::uint64_t> HeldPermits::close() {
  closed_.store(true);
  std::vector<std::uint64_t> all;
  for (Shelf& shelf : shelves_) {
    const std::scoped_lock lock(shelf.mutex);
    all.insert(all.end(), shelf.tokens.begin(), shelf.tokens.end());
    shelf.tokens.clear();
  }
  return all;
}

std::size_t HeldPermits::count() const {
  std::size_t count = 0;
  for (const Shelf& shelf : shelves_) {
    const std::scoped_lock lock(shelf.mutex);
    count += shelf.tokens.size();
  }
  return count;
}

}  // namespace revenge::http_limits
