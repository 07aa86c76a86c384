#include "observe/health.hpp"

#include <algorithm>
#include <tuple>

namespace revenge::observe {

Verdict HealthReport::verdict(Probe probe) const {
  switch (probe) {
    case Probe::kLive:
      return live ? Verdict::kPass : Verdict::kFail;
    case Probe::kStartup:
      return started ? Verdict::kPass : Verdict::kFail;
    case Probe::kReady:
      return !ready ? Verdict::kFail : degraded ? Verdict::kWarn : Verdict::kPass;
  }
  return Verdict::kFail;
}

Verdict verdictOf(const HealthEntry& entry) {
  if (entry.met) return entry.reason.empty() ? Verdict::kPass : Verdict::kWarn;
  return entry.affects == Affects::kDetail || entry.pending ? Verdict::kWarn : Verdict::kFail;
}

namespace {

bool sameCondition(const HealthEntry& one, const HealthEntry& other) {
  return one.component == other.component && one.name == other.name;
}

}  // namespace

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

void HealthCondition::doubted(std::string_view reason) {
  health_->amend(id_, [reason](HealthEntry& entry) { entry.reason = reason; });
}

void HealthCondition::checked() {
  health_->amend(id_, [this](HealthEntry& entry) { entry.checked = health_->clock_.wall(); });
}

HealthSource::~HealthSource() {
  if (health_ == nullptr) return;
  const std::unique_lock lock(health_->sources_mutex_);
  health_->sources_.erase(at_);
}

HealthCondition Health::condition(std::string_view component, std::string_view name, Affects affects) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  entries_.emplace(id, HealthEntry{std::string(component), std::string(name), affects, false, "starting",
                                   clock_.wall(), true});
  return {*this, id};
}

HealthSource Health::source(HealthSource::Tell tell) {
  const std::unique_lock lock(sources_mutex_);
  return {*this, sources_.insert(sources_.end(), std::move(tell))};
}

void Health::change(std::uint64_t id, std::string_view reason) {
  const bool met = reason.empty();
  amend(id, [&](HealthEntry& entry) {
    if (entry.met != met) entry.since = clock_.wall();
    entry.met = met;
    entry.pending = false;
    entry.reason = reason;
  });
}

void Health::amend(std::uint64_t id, const std::function<void(HealthEntry&)>& how) {
  const std::lock_guard lock(mutex_);
  how(entries_.at(id));
}

void Health::withdraw(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto gone = entries_.extract(id);
  if (!gone.mapped().met) return;
  for (auto& [other, entry] : entries_)
    if (entry.pending && sameCondition(entry, gone.mapped())) {
      entry.met = true;
      entry.since = gone.mapped().since;
      entry.reason = "not looked at since the swap";
    }
}

bool Health::counts(const HealthEntry& entry) const {
  return !entry.pending || std::ranges::none_of(entries_, [&](const auto& other) {
    return other.second.met && sameCondition(other.second, entry);
  });
}

bool Health::anyUnmet(Affects from, Affects to) const {
  return std::ranges::any_of(entries_, [&](const auto& one) {
    const HealthEntry& entry = one.second;
    return !entry.met && entry.affects >= from && entry.affects <= to && counts(entry);
  });
}

bool Health::live() const {
  const std::lock_guard lock(mutex_);
  return !anyUnmet(Affects::kLiveness, Affects::kLiveness);
}

bool Health::ready() const {
  const std::lock_guard lock(mutex_);
  return !anyUnmet(Affects::kLiveness, Affects::kReadiness);
}

HealthReport Health::report() const {
  HealthReport report{.at = clock_.wall()};
  {
    const std::shared_lock lock(sources_mutex_);
    for (const auto& tell : sources_) tell(report.entries);
  }
  report.degraded = std::ranges::any_of(report.entries, [](const HealthEntry& entry) { return !entry.met; });
  {
    const std::lock_guard lock(mutex_);
    report.live = !anyUnmet(Affects::kLiveness, Affects::kLiveness);
    report.started = !anyUnmet(Affects::kStartup, Affects::kStartup);
    report.ready = !anyUnmet(Affects::kLiveness, Affects::kReadiness);
    report.degraded = report.degraded || anyUnmet(Affects::kLiveness, Affects::kDetail);
    for (const auto& [id, entry] : entries_) report.entries.push_back(entry);
  }
  std::ranges::sort(report.entries, {},
                    [](const HealthEntry& e) { return std::tie(e.component, e.name, e.since); });
  return report;
}

}  // namespace revenge::observe
