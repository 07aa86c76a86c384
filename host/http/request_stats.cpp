#include "http/request_stats.hpp"

#include <algorithm>
#include <functional>

#include "http/router.hpp"

namespace revenge::http {
namespace {

constexpr std::array<std::string_view, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};

// The names are constants that the rules accept; should one be taken, the series counts nothing.
template <typename Series>
Series orNothing(base::Result<Series> series) {
  return series ? *std::move(series) : Series();
}

// A plugin that has left meanwhile is counted as the host.
template <typename Open>
auto seriesAbout(observe::MetricSpec spec, const Open& open) {
  auto series = open(spec);
  if (series || series.error().code != base::Errc::kGone) return orNothing(std::move(series));
  spec.about = {};
  return orNothing(open(spec));
}

}  // namespace

std::size_t KnownSeries::Hash::operator()(const Kind& kind) const {
  constexpr std::size_t kOdd = 0x9e3779b97f4a7c15;  // spreads: 2^64 over the golden ratio
  const std::hash<std::string_view> hash;
  return (hash(kind.plugin) * kOdd ^ hash(kind.route)) * kOdd ^ (kind.method * 8U + kind.status_class);
}

RequestStats::RequestStats(observe::Metrics& metrics, std::string_view server)
    : metrics_(metrics), scope_(metrics.hostScope()), server_(server) {
  in_flight_ = orNothing(scope_.gauge({.name = "revenge_http_requests_in_flight",
                                       .help = "Requests between their head and the end of their answer.",
                                       .labels = {{"server", server_}}}));
  bytes_ = orNothing(scope_.counter({.name = "revenge_http_sent_bytes_total",
                                     .help = "Bytes of answers sent, heads included.",
                                     .labels = {{"server", server_}}}));
  connections_ = orNothing(scope_.gauge(
      {.name = "revenge_http_connections", .help = "Open connections.", .labels = {{"server", server_}}}));
  refused_ = orNothing(scope_.counter({.name = "revenge_http_refused_connections_total",
                                       .help = "Connections closed at once because there were too many.",
                                       .labels = {{"server", server_}}}));
  refused_proxies_ = orNothing(
      scope_.counter({.name = "revenge_http_refused_proxy_headers_total",
                      .help = "Connections of proxies closed for want of a good PROXY protocol header.",
                      .labels = {{"server", server_}}}));
}

void RequestStats::finished(KnownSeries& known, const Served& served) const {
  // A plugin has left, and its series with it.
  if (const std::uint64_t now = metrics_.departures(); now != known.departures_) {
    known.requests_.clear();
    known.plugins_.clear();
    known.departures_ = now;
  }
  const double seconds = std::chrono::duration<double>(served.took).count();
  bytes_.add(static_cast<double>(served.bytes));
  const KnownSeries::OfPlugin& plugin = ofPlugin(known, served.plugin);
  if (!served.plugin.empty()) plugin.bytes.add(static_cast<double>(served.bytes));
  if (served.sampled != nullptr) {
    requests(known, served).add(1, *served.sampled);
    plugin.durations.observe(seconds, *served.sampled);
    return;
  }
  requests(known, served).add();
  plugin.durations.observe(seconds);
}

const observe::Counter& RequestStats::requests(KnownSeries& known, const Served& served) const {
  const auto status_class = static_cast<std::uint8_t>(std::clamp(served.status / 100, 1U, 5U) - 1);
  const auto method = static_cast<std::uint8_t>(served.method ? static_cast<unsigned>(*served.method) : 0U);
  const KnownSeries::Kind kind{served.plugin, served.route, method, status_class};
  if (const auto at = known.requests_.find(kind); at != known.requests_.end()) return at->second->requests;

  auto entry = std::make_unique<KnownSeries::Entry>(std::string(served.plugin), std::string(served.route));
  entry->requests =
      seriesAbout({.name = "revenge_http_requests_total",
                   .help = "Requests answered, by route, method and class of status.",
                   .labels = {{"server", server_},
                              {"method", served.method ? name(*served.method) : "_OTHER"},
                              {"route", served.route.empty() ? std::string_view("unmatched") : served.route},
                              {"class", kClasses.at(status_class)}},
                   .about = served.plugin},
                  [this](const observe::MetricSpec& spec) { return scope_.counter(spec); });
  const KnownSeries::Kind key{entry->plugin, entry->route, method, status_class};
  return known.requests_.emplace(key, std::move(entry)).first->second->requests;
}

const KnownSeries::OfPlugin& RequestStats::ofPlugin(KnownSeries& known, std::string_view plugin) const {
  if (const auto at = known.plugins_.find(plugin); at != known.plugins_.end()) return at->second;
  KnownSeries::OfPlugin made;
  made.durations = seriesAbout({.name = "revenge_http_request_duration_seconds",
                                .help = "From a request's head to the end of its answer.",
                                .labels = {{"server", server_}},
                                .about = plugin},
                               [this](const observe::MetricSpec& spec) { return scope_.histogram(spec); });
  if (!plugin.empty())
    made.bytes = seriesAbout({.name = "revenge_http_answer_bytes_total",
                              .help = "Bytes of a plugin's answers, counted when each has ended.",
                              .labels = {{"server", server_}},
                              .about = plugin},
                             [this](const observe::MetricSpec& spec) { return scope_.counter(spec); });
  return known.plugins_.emplace(plugin, std::move(made)).first->second;
}

}  // namespace revenge::http
