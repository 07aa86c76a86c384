// The configuration; the names are the keys of the schema in plugin.json. Domain code: whether a value makes sense. Thread
// safety: plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "encode.hpp"
#include "exporter.hpp"

namespace telemetry_otlp {

enum class Signal : std::uint8_t { kTraces, kMetrics, kLogs };
inline constexpr std::size_t kSignals = 3;
std::string_view name(Signal signal);

struct Settings {
  std::string endpoint;    // empty: nothing is sent but what has an URL of its own
  std::string traces_url;  // empty: the endpoint's
  std::string metrics_url;
  std::string logs_url;
  std::vector<std::string> signals{"traces", "metrics", "logs"};
  std::map<std::string, std::string> headers;
  std::string encoding = "protobuf";
  std::string compression = "gzip";
  std::uint64_t batch_size = 512;
  std::uint64_t queue_size = 2048;
  std::chrono::milliseconds traces_delay_ms{5000};
  std::chrono::milliseconds metrics_delay_ms{10000};
  std::chrono::milliseconds logs_delay_ms{1000};
  std::chrono::seconds timeout_s{10};
  std::string ca_file;
  std::map<std::string, std::string> resource;

  // Whether it is sent: it is wished, and there is somewhere to send it to.
  bool has(Signal signal) const;
  Encoding format() const { return encoding == "json" ? Encoding::kJson : Encoding::kProtobuf; }
  bool zips() const { return compression == "gzip"; }
  std::string url(Signal signal) const;
  ExporterOptions exporting(Signal signal) const;
  // Of whom the items tell, with what is known without being configured.
  Resource resourceOf(std::string_view version) const;
  // Empty: it makes sense.
  std::string refusal() const;
};

}  // namespace telemetry_otlp
