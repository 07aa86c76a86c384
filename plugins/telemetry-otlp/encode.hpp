// The requests of OTLP/HTTP, in either encoding. Field numbers and names are those of opentelemetry-proto 1.x. Thread
// safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model.hpp"

namespace telemetry_otlp {

enum class Encoding : std::uint8_t { kProtobuf, kJson };

std::string encodeTraces(Encoding encoding, const Resource& resource, std::span<const Span> spans);
std::string encodeLogs(Encoding encoding, const Resource& resource, std::span<const LogRecord> records);
std::string encodeMetrics(Encoding encoding, const Resource& resource, const Metrics& metrics);

}  // namespace telemetry_otlp
