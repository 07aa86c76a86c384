#include "observe/metrics.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "observe/cells.hpp"
#include "observe/metric_names.hpp"

namespace revenge::observe {

using base::Errc;
using base::fail;

// The numbers of one series. Counter: one cell. Histogram: a cell for each bucket, +Inf's and the sum. Gauge:
// `level`, since the last set() must win over all threads.
struct Series {
  Series(std::shared_ptr<CellBank> b, std::uint32_t f, std::size_t c, std::span<const double> limits)
      : bank(std::move(b)), first(f), cells(c), bounds(limits.begin(), limits.end()) {}
  ~Series() {
    if (cells > 0) bank->release(first, cells);
  }
  Series(const Series&) = delete;
  Series& operator=(const Series&) = delete;

  const std::shared_ptr<CellBank> bank;  // shared by all series and their Metrics
  const std::uint32_t first;
  const std::size_t cells;
  const std::vector<double> bounds;
  std::atomic<double> level{0};
};

struct Metrics::Family {
  struct Member {
    std::shared_ptr<Series> series;
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
  std::map<std::string, Member, std::less<>> members;  // by label text
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

std::string_view typeName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "untyped";
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

void appendNumber(std::string& out, double value) {
  const auto to = std::back_inserter(out);
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else if (std::abs(value) < 1e15 && std::trunc(value) == value)
    fmt::format_to(to, "{}", static_cast<std::int64_t>(value));
  else
    fmt::format_to(to, "{}", value);
}

void appendSample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                  double value) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
  appendNumber(out, value);
  out += '\n';
}

// _count is the last bucket, so the two always agree, whatever is observed meanwhile.
void appendHistogram(std::string& out, std::string_view name, std::string_view labels, const Series& series) {
  const std::string before = labels.empty() ? std::string() : std::string(labels) + ",";
  double total = 0;
  for (std::size_t i = 0; i <= series.bounds.size(); ++i) {
    total += series.bank->sum(series.first + static_cast<std::uint32_t>(i));
    std::string bucket = before + "le=\"";
    appendNumber(bucket, i < series.bounds.size() ? series.bounds[i] : HUGE_VAL);
    appendSample(out, name, "_bucket", bucket + '"', total);
  }
  const auto sum = static_cast<std::uint32_t>(series.first + series.bounds.size() + 1);
  appendSample(out, name, "_sum", labels, series.bank->sum(sum));
  appendSample(out, name, "_count", labels, total);
}

}  // namespace

void Counter::add(double amount) const {
  if (series_ == nullptr || !(amount >= 0)) return;
  series_->bank->add(series_->first, amount);
}

double Counter::value() const { return series_ == nullptr ? 0 : series_->bank->sum(series_->first); }

void Gauge::set(double value) const {
  if (series_ != nullptr) series_->level.store(value, std::memory_order_relaxed);
}

void Gauge::add(double amount) const {
  if (series_ != nullptr) series_->level.fetch_add(amount, std::memory_order_relaxed);
}

double Gauge::value() const {
  return series_ == nullptr ? 0 : series_->level.load(std::memory_order_relaxed);
}

void Histogram::observe(double value) const {
  if (series_ == nullptr || std::isnan(value)) return;
  const auto& bounds = series_->bounds;
  const auto bucket = static_cast<std::uint32_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
  series_->bank->add(series_->first + bucket, 1);
  series_->bank->add(static_cast<std::uint32_t>(series_->first + bounds.size() + 1), value);
}

std::uint64_t Histogram::count() const {
  if (series_ == nullptr) return 0;
  double total = 0;
  for (std::uint32_t i = 0; i <= series_->bounds.size(); ++i) total += series_->bank->sum(series_->first + i);
  return static_cast<std::uint64_t>(total);
}

double Histogram::sum() const {
  if (series_ == nullptr) return 0;
  return series_->bank->sum(static_cast<std::uint32_t>(series_->first + series_->bounds.size() + 1));
}

MetricScope::MetricScope(MetricScope&& other) noexcept
    : metrics_(std::exchange(other.metrics_, nullptr)), plugin_(std::move(other.plugin_)), id_(other.id_) {}

MetricScope& MetricScope::operator=(MetricScope&& other) noexcept {
  std::swap(metrics_, other.metrics_);
  std::swap(plugin_, other.plugin_);
  std::swap(id_, other.id_);
  return *this;
}

MetricScope::~MetricScope() {
  if (metrics_ != nullptr) metrics_->withdraw(id_);
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

Metrics::Metrics(MetricLimits limits) : limits_(limits), bank_(std::make_shared<CellBank>()) {}
Metrics::~Metrics() = default;

MetricScope Metrics::hostScope() { return pluginScope({}); }

MetricScope Metrics::pluginScope(std::string_view plugin_id) {
  const std::lock_guard lock(mutex_);
  return {*this, std::string(plugin_id), next_scope_++};
}

base::Result<std::shared_ptr<Series>> Metrics::join(const MetricScope& scope, MetricKind kind,
                                                    const MetricSpec& spec, std::span<const double> bounds) {
  const auto name = familyName(scope.plugin_, spec.name, kind);
  if (!name) return std::unexpected(name.error());
  auto labels = labelText(scope.plugin_, spec.labels);
  if (!labels) return fail(labels.error().code, "metric '{}': {}", spec.name, labels.error().message);
  if (spec.help.empty()) return fail(Errc::kInvalid, "metric '{}': has no help text", spec.name);

  const std::lock_guard lock(mutex_);
  const std::size_t lines = linesOf(kind, bounds.size());
  const bool full = !scope.plugin_.empty() && used_[scope.plugin_] + lines > limits_.plugin_series;
  auto family = families_.find(*name);
  if (family != families_.end()) {
    auto same = checkSame(*name, family->second, scope.plugin_, kind, bounds);
    if (!same) return std::unexpected(std::move(same).error());
    if (full && !family->second.members.contains(*labels)) labels = overflowLabelText(scope.plugin_);
    if (auto series = family->second.enter(*labels, scope.id_)) return series;
  } else if (full) {
    return fail(Errc::kLimit, "metric '{}': plugin '{}' has reached its {} series; register fewer labels",
                spec.name, scope.plugin_, limits_.plugin_series);
  }

  const std::size_t cells = cellsOf(kind, bounds.size());
  const auto first = cells == 0 ? std::optional<std::uint32_t>(0) : bank_->allocate(cells);
  if (!first)
    return fail(Errc::kLimit, "metric '{}': the host has no cells left; register fewer labels", spec.name);
  auto series = std::make_shared<Series>(bank_, *first, cells, bounds);
  if (family == families_.end()) {
    Family made{kind, scope.plugin_, escapedHelp(spec.help), {bounds.begin(), bounds.end()}, {}};
    family = families_.emplace(*name, std::move(made)).first;
  }
  family->second.members.emplace(*std::move(labels), Family::Member{series, {scope.id_}});
  used_[scope.plugin_] += lines;
  return series;
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

void Metrics::withdraw(std::uint64_t scope) {
  const std::lock_guard lock(mutex_);
  for (auto family = families_.begin(); family != families_.end();) {
    const std::size_t gone = family->second.leave(scope);
    used_[family->second.plugin] -= gone * linesOf(family->second.kind, family->second.bounds.size());
    family = family->second.members.empty() ? families_.erase(family) : std::next(family);
  }
  std::erase_if(used_, [](const auto& used) { return used.second == 0; });
}

// Registrations wait for the length of a rendering; counting never does.
std::string Metrics::render() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, family.help, name,
                   typeName(family.kind));
    for (const auto& [labels, member] : family.members) {
      const Series& series = *member.series;
      switch (family.kind) {
        case MetricKind::kCounter:
          appendSample(out, name, {}, labels, series.bank->sum(series.first));
          break;
        case MetricKind::kGauge:
          appendSample(out, name, {}, labels, series.level.load(std::memory_order_relaxed));
          break;
        case MetricKind::kHistogram:
          appendHistogram(out, name, labels, series);
          break;
      }
    }
  }
  return out;
}

}  // namespace revenge::observe
