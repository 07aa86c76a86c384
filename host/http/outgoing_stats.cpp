#include "http/outgoing_stats.hpp"

#include <algorithm>

namespace revenge::http {
namespace {

constexpr std::array<std::string_view, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array<std::string_view, 6> kReasons{"unavailable", "refused", "timed_out",
                                                   "cancelled",   "limit",   "broken"};

// The names are constants that the rules accept; should one be taken, the series counts nothing.
template <typename Series>
Series orNothing(base::Result<Series> series) {
  return series ? *std::move(series) : Series();
}

double seconds(base::Duration took) { return std::chrono::duration<double>(took).count(); }

}  // namespace

OutgoingStats::OutgoingStats(observe::Metrics& metrics, std::string_view plugin)
    : scope_(metrics.hostScope()) {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    by_class_[i] =
        orNothing(scope_.counter({.name = "revenge_http_client_requests_total",
                                  .help = "Requests of plugins that were answered, by class of status.",
                                  .labels = {{"plugin", plugin}, {"class", kClasses[i]}}}));
  }
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    errors_[i] =
        orNothing(scope_.counter({.name = "revenge_http_client_errors_total",
                                  .help = "Requests of plugins that got no whole response, by reason.",
                                  .labels = {{"plugin", plugin}, {"reason", kReasons[i]}}}));
  }
  seconds_ = orNothing(scope_.histogram({.name = "revenge_http_client_request_seconds",
                                         .help = "From a plugin's request to the end of its response.",
                                         .labels = {{"plugin", plugin}}}));
  in_flight_ =
      orNothing(scope_.gauge({.name = "revenge_http_client_requests_in_flight",
                              .help = "Requests of plugins under way, those that wait for a connection too.",
                              .labels = {{"plugin", plugin}}}));
  connections_ = orNothing(scope_.gauge({.name = "revenge_http_client_connections",
                                         .help = "Connections to other servers, idle ones too.",
                                         .labels = {{"plugin", plugin}}}));
  opened_ = orNothing(scope_.counter({.name = "revenge_http_client_connections_opened_total",
                                      .help = "Connections to other servers that were begun.",
                                      .labels = {{"plugin", plugin}}}));
  again_ = orNothing(scope_.counter({.name = "revenge_http_client_sent_again_total",
                                     .help = "Requests sent once more because a kept connection had ended.",
                                     .labels = {{"plugin", plugin}}}));
}

std::size_t OutgoingStats::reasonOf(base::Errc why) {
  switch (why) {
    case base::Errc::kUnavailable:
      return 0;
    case base::Errc::kRefused:
      return 1;
    case base::Errc::kTimedOut:
      return 2;
    case base::Errc::kCancelled:
      return 3;
    case base::Errc::kLimit:
      return 4;
    default:
      return 5;
  }
}

void OutgoingStats::answered(unsigned status, base::Duration took) const {
  in_flight_.add(-1);
  by_class_[std::clamp(status / 100, 1U, 5U) - 1].add();
  seconds_.observe(seconds(took));
}

void OutgoingStats::failed(base::Errc why, base::Duration took) const {
  in_flight_.add(-1);
  errors_[reasonOf(why)].add();
  seconds_.observe(seconds(took));
}

}  // namespace revenge::http
