#include "plugin/budget.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace revenge::plugin {

namespace {

struct Named {
  std::string_view key;
  std::string_view unit;  // behind the number
  std::string_view one;   // behind a 1, where that is another
};
constexpr std::array<Named, kResources> kNames{{{"cpu", "cores", "core"},
                                                {"callbacks", "callbacks at once", "callback at once"},
                                                {"requests", "requests a second", "request a second"},
                                                {"errors", "of its answers 5xx", ""},
                                                {"bytes", "bytes sent a second", "byte sent a second"},
                                                {"threads", "threads", "thread"},
                                                {"descriptors", "descriptors", "descriptor"},
                                                {"log_lines", "log lines a second", "log line a second"},
                                                {"registrations", "registrations", "registration"},
                                                {"queue", "of the workers' queue", ""},
                                                {"stalls", "stalls", "stall"}}};
constexpr std::array<std::string_view, 4> kRungs{"fine", "warn", "throttle", "quarantine"};

bool isShare(Resource resource) { return resource == Resource::kErrors || resource == Resource::kQueue; }

unsigned needed(const Steps& steps, Rung rung) {
  switch (rung) {
    case Rung::kFine:
      return 0;
    case Rung::kWarn:
      return steps.warn;
    case Rung::kThrottle:
      return steps.throttle;
    case Rung::kQuarantine:
      return steps.quarantine;
  }
  return 0;
}

Rung reached(const Steps& steps, std::size_t count, Rung highest) {
  for (const Rung rung : {Rung::kQuarantine, Rung::kThrottle, Rung::kWarn}) {
    if (rung <= highest && needed(steps, rung) > 0 && count >= needed(steps, rung)) return rung;
  }
  return Rung::kFine;
}

Rung below(Rung rung) { return static_cast<Rung>(static_cast<std::uint8_t>(rung) - 1); }

}  // namespace

std::string_view name(Resource resource) { return kNames[static_cast<std::size_t>(resource)].key; }

std::string amount(Resource resource, double value) {
  const auto& [key, unit, one] = kNames[static_cast<std::size_t>(resource)];
  if (isShare(resource)) return fmt::format("{:.0f} % {}", value * 100, unit);
  if (value == 1) return fmt::format("1 {}", one);
  return value < 100 ? fmt::format("{:.3g} {}", value, unit) : fmt::format("{:.0f} {}", value, unit);
}

std::optional<Resource> resourceNamed(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &Named::key);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Resource>(found - kNames.begin());
}

std::string_view name(Rung rung) { return kRungs[static_cast<std::size_t>(rung)]; }

std::optional<Rung> rungNamed(std::string_view name) {
  const auto found = std::ranges::find(kRungs, name);
  if (found == kRungs.end()) return std::nullopt;
  return static_cast<Rung>(found - kRungs.begin());
}

std::string BudgetStanding::text() const {
  return fmt::format("{}: {}, allowed: {}", name(rung), amount(resource, used), amount(resource, allowed));
}

std::string settingOf(Resource resource, std::string_view plugin) {
  if (resource == Resource::kStalls) return "watchdog";
  return fmt::format("budgets.plugins.{}.{}", plugin, name(resource));
}

std::optional<Ledger::Move> Ledger::moveTo(Resource resource, Rung rung) {
  Entry& entry = entries_[static_cast<std::size_t>(resource)];
  const Rung from = std::exchange(entry.rung, rung);
  if (from == rung) return std::nullopt;
  return Move{from, standing(resource)};
}

std::vector<Ledger::Move> Ledger::windowEnded(const Amounts& used, const Amounts& allowed,
                                              const Policy& policy) {
  std::vector<Move> moves;
  for (std::size_t i = 0; i < kResources; ++i) {
    const auto resource = static_cast<Resource>(i);
    if (resource == Resource::kStalls) continue;
    Entry& entry = entries_[i];
    entry.used = used[i];
    entry.allowed = allowed[i];
    Rung rung = entry.rung;
    if (entry.allowed > 0 && entry.used > entry.allowed) {
      ++entry.over;
      entry.within = 0;
      rung = std::max(rung, reached(policy.windows, entry.over, policy.highest));
    } else {
      ++entry.within;
      entry.over = 0;
      // As long within the budget as it took beyond it to get here.
      if (rung != Rung::kFine && entry.within >= needed(policy.windows, rung)) {
        rung = below(rung);
        entry.within = 0;
      }
    }
    if (const auto move = moveTo(resource, rung)) moves.push_back(*move);
  }
  return moves;
}

std::vector<Ledger::Move> Ledger::stallsNow(std::size_t count, const Policy& policy) {
  Entry& entry = entries_[static_cast<std::size_t>(Resource::kStalls)];
  const Rung rung = reached(policy.stalls, count, Rung::kQuarantine);
  entry.used = static_cast<double>(count);
  // Fewer than those that lead to the rung.
  const unsigned least = needed(policy.stalls, rung);
  entry.allowed = least > 0 ? least - 1.0 : 0;
  const auto move = moveTo(Resource::kStalls, rung);
  return move ? std::vector{*move} : std::vector<Move>();
}

BudgetStanding Ledger::standing(Resource resource) const {
  const Entry& entry = entries_[static_cast<std::size_t>(resource)];
  return {resource, entry.rung, entry.used, entry.allowed};
}

BudgetStanding Ledger::worst() const {
  BudgetStanding worst;
  for (const BudgetStanding& each : beyondFine()) {
    if (each.rung > worst.rung) worst = each;
  }
  return worst;
}

std::vector<BudgetStanding> Ledger::beyondFine() const {
  std::vector<BudgetStanding> found;
  for (std::size_t i = 0; i < kResources; ++i) {
    if (entries_[i].rung != Rung::kFine) found.push_back(standing(static_cast<Resource>(i)));
  }
  return found;
}

}  // namespace revenge::plugin
