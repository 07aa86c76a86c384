#include "observe/health.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace revenge::observe {

HealthCondition::HealthCondition(HealthCondition&& other) noexcept
    : health_(std::exchange(other.health_, nullptr)), id_(other.id_) {}

HealthCondition& HealthCondition::operator=(HealthCondition&& other) noexcept {
  std::swap(health_, other.health_);
  std::swap(id_, other.id_);
  return *this;
}

HealthCondition::~HealthCondition() {
  if (health_ != nullptr) health_->withdraw(id_);
}

void HealthCondition::met() { health_->change(id_, {}); }

void HealthCondition::unmet(std::string_view reason) {
  health_->change(id_, reason.empty() ? "no reason given" : reason);
}

HealthCondition Health::condition(std::string_view component, std::string_view name, Affects affects) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  entries_.emplace(
      id, HealthEntry{std::string(component), std::string(name), affects, false, "starting", clock_.wall()});
  return {*this, id};
}

void Health::change(std::uint64_t id, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  HealthEntry& entry = entries_.at(id);
  const bool met = reason.empty();
  if (entry.met != met) entry.since = clock_.wall();
  entry.met = met;
  entry.reason = reason;
}

void Health::withdraw(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

bool Health::anyUnmet(Affects up_to) const {
  return std::ranges::any_of(
      entries_, [&](const auto& entry) { return !entry.second.met && entry.second.affects <= up_to; });
}

bool Health::live() const {
  const std::lock_guard lock(mutex_);
  return !anyUnmet(Affects::kLiveness);
}

bool Health::ready() const {
  const std::lock_guard lock(mutex_);
  return !anyUnmet(Affects::kReadiness);
}

HealthReport Health::report() const {
  HealthReport report;
  {
    const std::lock_guard lock(mutex_);
    report.live = !anyUnmet(Affects::kLiveness);
    report.ready = !anyUnmet(Affects::kReadiness);
    report.degraded = anyUnmet(Affects::kDetail);
    for (const auto& [id, entry] : entries_) report.entries.push_back(entry);
  }
  std::ranges::sort(report.entries, {},
                    [](const HealthEntry& e) { return std::tie(e.component, e.name, e.since); });
  return report;
}

}  // namespace revenge::observe
