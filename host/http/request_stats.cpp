#include "http/request_stats.hpp"

#include <algorithm>

namespace revenge::http {
namespace {

// The names are constants that the rules accept; should one be taken, the series counts nothing.
template <typename Series>
Series orNothing(base::Result<Series> series) {
  return series ? *std::move(series) : Series();
}

}  // namespace

RequestStats::RequestStats(observe::Metrics& metrics, std::string_view server)
    : scope_(metrics.hostScope()), server_(server) {
  constexpr std::array<std::string_view, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    by_class_[i] = orNothing(scope_.counter({.name = "revenge_http_requests_total",
                                             .help = "Requests answered, by class of status.",
                                             .labels = {{"server", server_}, {"class", kClasses[i]}}}));
  }
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
}

void RequestStats::finished(PluginTimes& times, std::string_view plugin, unsigned status, std::uint64_t bytes,
                            base::Duration took) const {
  by_class_[std::clamp(status / 100, 1U, 5U) - 1].add();
  bytes_.add(static_cast<double>(bytes));
  auto at = times.find(plugin);
  if (at == times.end()) {
    at = times
             .emplace(plugin,
                      orNothing(scope_.histogram({.name = "revenge_http_request_seconds",
                                                  .help = "From a request's head to the end of its answer.",
                                                  .labels = {{"server", server_}, {"plugin", plugin}}})))
             .first;
  }
  at->second.observe(std::chrono::duration<double>(took).count());
}

}  // namespace revenge::http
