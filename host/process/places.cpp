#include "process/places.hpp"

#include <algorithm>

namespace revenge::process {

std::vector<std::shared_ptr<Guest>> Places::next() {
  std::vector<std::shared_ptr<Guest>> admitted;
  for (auto at = waiting_.begin(); at != waiting_.end() && taken_ < total_;) {
    const auto [taken, fresh] = by_owner_.try_emplace((*at)->owner(), 0);
    if (taken->second >= each_) {
      ++at;
      continue;
    }
    ++taken->second;
    ++taken_;
    admitted.push_back(std::move(*at));
    at = waiting_.erase(at);
  }
  return admitted;
}

void Places::enter(const std::shared_ptr<Guest>& guest) {
  std::vector<std::shared_ptr<Guest>> admitted;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(guest);
    admitted = next();
  }
  for (const auto& one : admitted) one->admitted();
}

bool Places::giveUp(const Guest& guest) {
  std::shared_ptr<Guest> dropped;  // ends outside the lock
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(waiting_, &guest, &std::shared_ptr<Guest>::get);
  if (found == waiting_.end()) return false;
  dropped = std::move(*found);
  waiting_.erase(found);
  return true;
}

void Places::leave(const std::string& owner) {
  std::vector<std::shared_ptr<Guest>> admitted;
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (const auto own = by_owner_.find(owner); --own->second == 0) by_owner_.erase(own);
    admitted = next();
  }
  for (const auto& one : admitted) one->admitted();
}

std::size_t Places::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace revenge::process
