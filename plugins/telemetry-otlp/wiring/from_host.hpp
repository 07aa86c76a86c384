// What the host shows, as what is exported. The views stay the host's. Thread safety: pure functions.
#pragma once

#include <vector>

#include <revenge/abi/telemetry.h>

#include "model.hpp"

namespace telemetry_otlp {

std::vector<Span> spansOf(const revenge_span_batch& batch);
std::vector<LogRecord> recordsOf(const revenge_log_batch& batch);
Metrics metricsOf(const revenge_metric_batch& batch);

}  // namespace telemetry_otlp
