#include <array>

#include "admin/public_routes.hpp"
#include "http/gzip.hpp"
#include "http/negotiation.hpp"
#include "observe/metric_text.hpp"

namespace revenge::admin {

namespace {

// 0.0.4 first: what a scraper gets that does not say what it wants.
constexpr std::array<http::MediaOffer, 2> kOffers{
    {{"text/plain", "0.0.4"}, {"application/openmetrics-text", "1.0.0"}}};
constexpr std::size_t kOpenMetrics = 1;

revenge_field header(std::string_view name, std::string_view value) {
  return {http::view(name), http::view(value)};
}

}  // namespace

http::Route metricsRoute(const observe::Metrics& metrics) {
  return publicRoute("/metrics", [&metrics](http::Exchange& exchange, revenge_error&) {
    const bool open = http::preferredMedia(requestHeader(exchange, "accept"), kOffers) == kOpenMetrics;
    const observe::MetricsView view = metrics.view();
    std::string text = open ? observe::openMetricsText(view) : observe::prometheusText(view);
    std::vector<revenge_field> headers{header("vary", "accept, accept-encoding")};
    if (http::takesCoding(requestHeader(exchange, "accept-encoding"), "gzip")) {
      text = http::gzipped(text);
      headers.push_back(header("content-encoding", "gzip"));
    }
    return answerNow(exchange, 200, open ? observe::kOpenMetricsType : observe::kPrometheusType,
                     std::move(text), std::move(headers));
  });
}

}  // namespace revenge::admin
