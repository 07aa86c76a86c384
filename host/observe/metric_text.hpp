// Metrics as text: Prometheus 0.0.4 and OpenMetrics 1.0.0. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "observe/metrics_view.hpp"

namespace revenge::observe {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";
inline constexpr std::string_view kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string prometheusText(const MetricsView& view);
std::string openMetricsText(const MetricsView& view);  // with exemplars

std::string_view typeName(MetricKind kind);

enum class Escape : std::uint8_t {
  kPlain,   // HELP of 0.0.4: \ and line feed
  kQuoted,  // label values, HELP of OpenMetrics: also "
};
void appendEscaped(std::string& out, std::string_view text, Escape escape);

}  // namespace revenge::observe
