#include "admin/top.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "admin/json.hpp"

namespace revenge::admin {

namespace {

constexpr base::Duration kBetween = std::chrono::seconds(5);

std::string_view label(const observe::SeriesView& series, std::string_view name) {
  for (const auto& pair : series.labels->pairs) {
    if (pair.name == name) return pair.value;
  }
  return {};
}

// A figure that began anew since then counts from 0.
double since(double before, double now) { return now >= before ? now - before : now; }

double registered(const plugin::PluginView& plugin, std::string_view kind) {
  double count = 0;
  for (const plugin::InstanceView& instance : plugin.instances) {
    for (const auto& [name, number] : instance.registrations)
      count += name == kind ? static_cast<double>(number) : 0;
  }
  return count;
}

std::int64_t inside(const plugin::PluginView& plugin) {
  std::int64_t count = 0;
  for (const plugin::InstanceView& instance : plugin.instances)
    count += static_cast<std::int64_t>(instance.inside);
  return count;
}

void write(Json& json, const plugin::PluginView& plugin, const PluginTotals& before, const PluginTotals& now,
           double seconds) {
  json.object().key("id").text(plugin.id).key("version").text(plugin.version);
  json.key("state").text(plugin::name(plugin.state));
  json.key("rung").text(plugin::name(plugin.rung()));
  json.key("requests_per_s").number(since(before.requests, now.requests) / seconds);
  json.key("errors_per_s").number(since(before.errors, now.errors) / seconds);
  json.key("p99_s");
  if (const auto slowest = p99(before, now)) {
    json.number(*slowest);
  } else {
    json.null();
  }
  json.key("cpu").number(since(before.cpu_s, now.cpu_s) / seconds);
  json.key("threads").integer(static_cast<std::int64_t>(registered(plugin, "threads")));
  json.key("inside").integer(inside(plugin)).end();
}

}  // namespace

Totals totalsOf(const observe::MetricsView& view) {
  Totals totals;
  for (const observe::FamilyView& family : view.families) {
    const bool requests = family.name == "revenge_http_requests_total";
    const bool durations = family.name == "revenge_http_request_duration_seconds";
    const bool cpu = family.name == "revenge_cpu_seconds_total";
    const bool bytes = family.name == "revenge_http_answer_bytes_total";
    if (!requests && !durations && !cpu && !bytes) continue;
    for (const observe::SeriesView& series : family.series) {
      const std::string_view plugin = label(series, "plugin");
      if (plugin.empty()) continue;
      PluginTotals& of = totals[std::string(plugin)];
      if (cpu) of.cpu_s += series.value;
      if (bytes) of.sent_bytes += series.value;
      if (requests) of.requests += series.value;
      if (requests && label(series, "class") == "5xx") of.errors += series.value;
      if (!durations) continue;
      of.bounds = family.bounds;
      of.buckets.resize(series.buckets.size());
      for (std::size_t i = 0; i < series.buckets.size(); ++i) of.buckets[i] += series.buckets[i];
    }
  }
  return totals;
}

std::optional<double> p99(const PluginTotals& before, const PluginTotals& now) {
  std::vector<double> counts;
  double total = 0;
  for (std::size_t i = 0; i < now.buckets.size(); ++i) {
    const double earlier = i < before.buckets.size() ? static_cast<double>(before.buckets[i]) : 0;
    counts.push_back(since(earlier, static_cast<double>(now.buckets[i])));
    total += counts.back();
  }
  if (total <= 0) return std::nullopt;
  double rank = total * 0.99;
  for (std::size_t i = 0; i < now.bounds.size(); ++i) {
    if (rank > counts[i]) {
      rank -= counts[i];
      continue;
    }
    if (i == 0) return now.bounds.front();
    const double floor = now.bounds[i - 1];
    return floor + (now.bounds[i] - floor) * rank / counts[i];
  }
  return now.bounds.back();
}

TopReadings::TopReadings(const observe::Metrics& metrics, base::Scheduler& scheduler,
                         std::shared_ptr<base::Executor> where)
    : metrics_(metrics),
      clock_(scheduler.clock()),
      earlier_{clock_.now(), {}},
      later_(earlier_),
      reading_(scheduler, kBetween, [this] { keep(); }, std::move(where)) {}

TopReadings::Reading TopReadings::read() const { return {clock_.now(), totalsOf(metrics_.view())}; }

void TopReadings::keep() {
  Reading now = read();
  const std::lock_guard lock(mutex_);
  earlier_ = std::exchange(later_, std::move(now));
}

std::string TopReadings::describe(const plugin::Listing& listing) const {
  static const PluginTotals kNone;
  const Reading now = read();
  Reading before;
  {
    const std::lock_guard lock(mutex_);
    before = earlier_;
  }
  constexpr double kLeast = 0.001;
  const double seconds = std::max(kLeast, std::chrono::duration<double>(now.at - before.at).count());
  const auto of = [](const Totals& totals, const std::string& id) -> const PluginTotals& {
    const auto at = totals.find(id);
    return at == totals.end() ? kNone : at->second;
  };
  Json json;
  json.object().key("over_s").number(seconds).key("plugins").array();
  for (const plugin::PluginView& plugin : listing.plugins)
    write(json, plugin, of(before.totals, plugin.id), of(now.totals, plugin.id), seconds);
  json.end().end();
  return json.take();
}

}  // namespace revenge::admin
