#include "observe/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "observe/metric_names.hpp"
#include "observe/metric_text.hpp"

namespace revenge::observe {

using base::Errc;
using base::fail;

struct Metrics::Family {
  struct Member {
    std::shared_ptr<Series> series;
    std::shared_ptr<const LabelSet> labels;
    std::string about;  // the plugin it is a figure of, in a family of the host
    std::optional<base::WallTime> started;
    std::vector<std::uint64_t> scopes;  // never empty
  };

  // The series of these labels, held by the scope from now on; null when there is none.
  std::shared_ptr<Series> enter(std::string_view labels, std::uint64_t scope) {
    const auto member = members.find(labels);
    if (member == members.end()) return nullptr;
    auto& scopes = member->second.scopes;
    if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
    return member->second.series;
  }

  // Takes the scope out of all members; returns how many had no other and are gone.
  std::size_t leave(std::uint64_t scope) {
    for (auto& [labels, member] : members) std::erase(member.scopes, scope);
    return std::erase_if(members, [](const auto& member) { return member.second.scopes.empty(); });
  }

  MetricKind kind;
  std::string plugin;
  std::string help;
  std::vector<double> bounds;
  std::map<std::string_view, Member, std::less<>> members;  // by label text, which stands in the member
};

namespace {

constexpr std::size_t kMaxBounds = 64;

std::size_t linesOf(MetricKind kind, std::size_t bounds) {
  return kind == MetricKind::kHistogram ? bounds + 3 : 1;
}

std::size_t cellsOf(MetricKind kind, std::size_t bounds) {
  switch (kind) {
    case MetricKind::kCounter:
      return 1;
    case MetricKind::kGauge:
      return 0;
    case MetricKind::kHistogram:
      return bounds + 2;
  }
  return 0;
}

base::Result<> checkBounds(std::string_view name, std::span<const double> bounds) {
  if (bounds.empty() || bounds.size() > kMaxBounds) {
    return fail(Errc::kInvalid, "histogram '{}': 1 to {} bounds are allowed, got {}", name, kMaxBounds,
                bounds.size());
  }
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (!std::isfinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) {
      return fail(Errc::kInvalid, "histogram '{}': bounds are finite and strictly rising, got {} at place {}",
                  name, bounds[i], i);
    }
  }
  return {};
}

void readHistogram(SeriesView& out, std::span<const double> cells) {
  for (const double bucket : cells.first(cells.size() - 1)) {
    out.buckets.push_back(static_cast<std::uint64_t>(bucket));
    out.count += out.buckets.back();
  }
  out.sum = cells.back();
}

}  // namespace

MetricScope::MetricScope(MetricScope&& other) noexcept
    : metrics_(std::exchange(other.metrics_, nullptr)), plugin_(std::move(other.plugin_)), id_(other.id_) {}

MetricScope& MetricScope::operator=(MetricScope&& other) noexcept {
  std::swap(metrics_, other.metrics_);
  std::swap(plugin_, other.plugin_);
  std::swap(id_, other.id_);
  return *this;
}

MetricScope::~MetricScope() {
  if (metrics_ != nullptr) metrics_->withdraw(*this);
}

base::Result<Counter> MetricScope::counter(const MetricSpec& spec) {
  auto series = metrics_->join(*this, MetricKind::kCounter, spec, {});
  if (!series) return std::unexpected(std::move(series).error());
  return Counter(*std::move(series));
}

base::Result<Gauge> MetricScope::gauge(const MetricSpec& spec) {
  auto series = metrics_->join(*this, MetricKind::kGauge, spec, {});
  if (!series) return std::unexpected(std::move(series).error());
  return Gauge(*std::move(series));
}

base::Result<Histogram> MetricScope::histogram(const MetricSpec& spec, std::span<const double> bounds) {
  if (auto checked = checkBounds(spec.name, bounds); !checked) return std::unexpected(checked.error());
  auto series = metrics_->join(*this, MetricKind::kHistogram, spec, bounds);
  if (!series) return std::unexpected(std::move(series).error());
  return Histogram(*std::move(series));
}

Metrics::Metrics(const base::Clock* clock, MetricLimits limits)
    : clock_(clock), limits_(limits), bank_(std::make_shared<CellBank>()) {}
Metrics::~Metrics() = default;

MetricScope Metrics::hostScope() { return pluginScope({}); }

MetricScope Metrics::pluginScope(std::string_view plugin_id) {
  const std::lock_guard lock(mutex_);
  ++scopes_[std::string(plugin_id)];
  return {*this, std::string(plugin_id), next_scope_++};
}

base::Result<std::shared_ptr<Series>> Metrics::join(const MetricScope& scope, MetricKind kind,
                                                    const MetricSpec& spec, std::span<const double> bounds) {
  const std::string_view subject = scope.plugin_.empty() ? spec.about : std::string_view(scope.plugin_);
  const auto name = familyName(scope.plugin_, spec.name, kind);
  if (!name) return std::unexpected(name.error());
  auto labels = labelSet(subject, spec.labels);
  if (!labels) return fail(labels.error().code, "metric '{}': {}", spec.name, labels.error().message);
  if (spec.help.empty()) return fail(Errc::kInvalid, "metric '{}': no help text", spec.name);

  const std::lock_guard lock(mutex_);
  if (!subject.empty() && !scopes_.contains(subject))
    return fail(Errc::kGone, "metric '{}': plugin '{}' is not there", spec.name, subject);
  const std::size_t lines = linesOf(kind, bounds.size());
  const bool full = !scope.plugin_.empty() && used_[scope.plugin_] + lines > limits_.plugin_lines;
  auto family = families_.find(*name);
  if (family != families_.end()) {
    auto same = checkSame(*name, family->second, scope.plugin_, kind, bounds);
    if (!same) return std::unexpected(std::move(same).error());
    const auto& members = family->second.members;
    if ((full || members.size() >= limits_.family_series) && !members.contains(labels->text))
      *labels = overflowLabels(subject);
    if (auto series = family->second.enter(labels->text, scope.id_)) return series;
  } else if (full) {
    return fail(Errc::kLimit, "metric '{}': plugin '{}' has reached its {} series; register fewer labels",
                spec.name, scope.plugin_, limits_.plugin_lines);
  } else if (auto alone = checkTwin(*name, kind); !alone) {
    return std::unexpected(std::move(alone).error());
  }

  const std::size_t cells = cellsOf(kind, bounds.size());
  const auto first = cells == 0 ? std::optional<std::uint32_t>(0) : bank_->allocate(cells);
  if (!first)
    return fail(Errc::kLimit, "metric '{}': the host has no cells left; register fewer labels", spec.name);
  auto series = std::make_shared<Series>(bank_, *first, cells, bounds);
  if (family == families_.end()) {
    Family made{kind, scope.plugin_, validText(spec.help), {bounds.begin(), bounds.end()}, {}};
    family = families_.emplace(*name, std::move(made)).first;
  }
  Family::Member member{series,
                        std::make_shared<const LabelSet>(*std::move(labels)),
                        std::string(scope.plugin_.empty() ? spec.about : std::string_view()),
                        clock_ != nullptr ? std::optional(clock_->wall()) : std::nullopt,
                        {scope.id_}};
  const std::string_view key = member.labels->text;
  family->second.members.emplace(key, std::move(member));
  used_[scope.plugin_] += lines;
  return series;
}

// OpenMetrics leaves the `_total` of a counter's family out.
base::Result<> Metrics::checkTwin(std::string_view name, MetricKind kind) const {
  static constexpr std::string_view kTotal = "_total";
  const std::string twin = kind == MetricKind::kCounter
                               ? std::string(name.substr(0, name.size() - kTotal.size()))
                               : fmt::format("{}{}", name, kTotal);
  if (!families_.contains(twin)) return {};
  return fail(Errc::kExists, "metric '{}': cannot be told from '{}'; choose another name", name, twin);
}

base::Result<> Metrics::checkSame(std::string_view name, const Family& family, std::string_view plugin,
                                  MetricKind kind, std::span<const double> bounds) {
  if (family.plugin != plugin) {
    return fail(Errc::kExists, "metric '{}': plugin '{}' already uses this name; choose another", name,
                family.plugin);
  }
  if (family.kind != kind) {
    return fail(Errc::kExists, "metric '{}': is a {}, not a {}; choose another name", name,
                typeName(family.kind), typeName(kind));
  }
  if (!std::ranges::equal(family.bounds, bounds)) {
    return fail(Errc::kExists, "metric '{}': has the bounds {}, not {}; choose another name", name,
                fmt::join(family.bounds, " "), fmt::join(bounds, " "));
  }
  return {};
}

void Metrics::withdraw(const MetricScope& scope) {
  const std::lock_guard lock(mutex_);
  const auto open = scopes_.find(scope.plugin_);
  const bool last = --open->second == 0;
  if (last) scopes_.erase(open);
  for (auto at = families_.begin(); at != families_.end();) {
    Family& family = at->second;
    std::size_t gone = family.leave(scope.id_);
    if (last && !scope.plugin_.empty())
      gone += std::erase_if(family.members,
                            [&](const auto& member) { return member.second.about == scope.plugin_; });
    used_[family.plugin] -= gone * linesOf(family.kind, family.bounds.size());
    at = family.members.empty() ? families_.erase(at) : std::next(at);
  }
  std::erase_if(used_, [](const auto& used) { return used.second == 0; });
  if (last) departures_.fetch_add(1, std::memory_order_release);
}

Metrics::Refresh Metrics::beforeReading(std::function<void()> call) {
  const std::unique_lock lock(refresh_mutex_);
  return {*this, refreshes_.insert(refreshes_.end(), std::move(call))};
}

Metrics::Refresh::~Refresh() {
  if (metrics_ == nullptr) return;
  const std::unique_lock lock(metrics_->refresh_mutex_);
  metrics_->refreshes_.erase(at_);
}

void Metrics::callRefreshes() const {
  const std::shared_lock lock(refresh_mutex_);
  for (const auto& refresh : refreshes_) refresh();
}

// Registrations wait for the length of a reading; counting never does.
MetricsView Metrics::view() const {
  callRefreshes();
  MetricsView view;
  if (clock_ != nullptr) view.at = clock_->wall();
  const std::lock_guard lock(mutex_);
  const std::vector<double> sums = bank_->sums();
  view.families.reserve(families_.size());
  for (const auto& [name, family] : families_) {
    FamilyView& out = view.families.emplace_back(
        FamilyView{name, family.help, family.kind, unitOf(name), family.bounds, {}});
    out.series.reserve(family.members.size());
    for (const auto& [text, member] : family.members) {
      const Series& series = *member.series;
      SeriesView& one = out.series.emplace_back();
      one.labels = member.labels;
      one.started = member.started;
      const auto cells = std::span(sums).subspan(series.first, series.cells);
      if (family.kind == MetricKind::kCounter) one.value = cells.front();
      if (family.kind == MetricKind::kGauge) one.value = series.level.load(std::memory_order_relaxed);
      if (family.kind == MetricKind::kHistogram) readHistogram(one, cells);
      if (family.kind != MetricKind::kGauge) one.examples = series.examples();
    }
  }
  return view;
}

std::string Metrics::render() const { return prometheusText(view()); }

}  // namespace revenge::observe
