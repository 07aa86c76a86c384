#include "settings.hpp"

#include <algorithm>

namespace telemetry_otlp {

namespace {

bool isUrl(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

// Those that the request itself needs, or that would end a line.
bool isReserved(std::string_view header) {
  std::string lower(header);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "content-type" || lower == "content-encoding" || lower == "content-length" ||
         lower == "host" || lower == "transfer-encoding" || lower == "connection";
}

}  // namespace

std::string_view name(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return "traces";
    case Signal::kMetrics:
      return "metrics";
    case Signal::kLogs:
      return "logs";
  }
  return {};
}

bool Settings::has(Signal signal) const {
  return std::ranges::find(signals, name(signal)) != signals.end() && !url(signal).empty();
}

std::string Settings::url(Signal signal) const {
  const std::string& own = signal == Signal::kTraces    ? traces_url
                           : signal == Signal::kMetrics ? metrics_url
                                                        : logs_url;
  if (!own.empty() || endpoint.empty()) return own;
  return endpoint + (endpoint.ends_with('/') ? "v1/" : "/v1/") + std::string(name(signal));
}

ExporterOptions Settings::exporting(Signal signal) const {
  ExporterOptions options;
  options.batch = batch_size;
  options.delay = signal == Signal::kTraces    ? traces_delay_ms
                  : signal == Signal::kMetrics ? metrics_delay_ms
                                               : logs_delay_ms;
  return options;
}

Resource Settings::resourceOf(std::string_view version) const {
  std::map<std::string, std::string> all = resource;
  all.try_emplace("service.name", "revenge");
  all.try_emplace("service.version", version);
  all.try_emplace("telemetry.sdk.name", "revenge");
  all.try_emplace("telemetry.sdk.language", "cpp");
  all.try_emplace("telemetry.sdk.version", version);
  return {all.begin(), all.end()};
}

std::string Settings::refusal() const {
  for (const auto& [key, value] :
       {std::pair("endpoint", &endpoint), std::pair("traces_url", &traces_url),
        std::pair("metrics_url", &metrics_url), std::pair("logs_url", &logs_url)}) {
    if (!value->empty() && !isUrl(*value))
      return std::string(key) + ": expected http:// or https://, got '" + *value + "'";
  }
  for (const auto& [header, value] : headers) {
    if (isReserved(header)) return "headers: " + header + " is written by the exporter itself";
    if (header.empty() || value.find_first_of("\r\n") != std::string::npos)
      return "headers: '" + header + "' has no name or a line break in its value";
  }
  if (batch_size > queue_size) return "batch_size: more than queue_size, so that no batch would ever be full";
  return {};
}

}  // namespace telemetry_otlp
