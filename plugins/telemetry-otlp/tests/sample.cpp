// otlp_sample traces|metrics|logs protobuf|json: one request with a bit of everything on standard output, for a parser
// that is not ours to read.
#include <cstdio>
#include <limits>
#include <string_view>

#include "encode.hpp"

namespace {

using namespace telemetry_otlp;

constexpr std::int64_t kMoment = 1'700'000'000'123'456'789;
constexpr TraceId kTrace{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736};
constexpr std::uint64_t kSpan = 0x00f067aa0ba902b7;

Attributes someOfEach() {
  return {{"text", std::string_view("a \"quoted\"\n\xc3\xa4")},
          {"bad", std::string_view("x\xff\xed\xa0\x80y")},
          {"yes", true},
          {"integer", std::int64_t{-9'007'199'254'740'993}},
          {"number", 0.1},
          {"infinite", std::numeric_limits<double>::infinity()}};
}

std::string sampleTraces(Encoding encoding, const Resource& resource) {
  Span server{
      .trace = kTrace, .id = kSpan, .parent = 7, .flags = 3, .kind = Kind::kServer, .status = Status::kError};
  server.begun = kMoment;
  server.ended = kMoment + 5'000'000;
  server.name = "GET /films/{id}";
  server.message = "broken";
  server.trace_state = "rojo=1,congo=2";
  server.attributes = someOfEach();
  server.events = {{kMoment + 1, "first frame", {{"frame", std::int64_t{1}}}}};
  server.dropped_attributes = 2;
  server.dropped_events = 1;
  Span handler{.trace = kTrace, .id = 8, .parent = kSpan, .flags = 1};
  handler.begun = handler.ended = kMoment;
  handler.name = "stream /films/{id}";
  handler.scope = "stream";
  Span root{.trace = kTrace, .id = 9, .flags = 1, .kind = Kind::kClient, .status = Status::kOk};
  root.begun = root.ended = kMoment;
  root.name = "GET";
  const std::vector spans{server, handler, root};
  return encodeTraces(encoding, resource, spans);
}

std::string sampleLogs(Encoding encoding, const Resource& resource) {
  LogRecord told{.at = kMoment, .severity = Severity::kWarn, .scope = "stream", .body = "cannot \"serve\""};
  told.attributes = someOfEach();
  told.trace = kTrace;
  told.span = kSpan;
  const LogRecord plain{.at = kMoment, .severity = Severity::kInfo, .body = ""};
  const std::vector records{told, plain};
  return encodeLogs(encoding, resource, records);
}

std::string sampleMetrics(Encoding encoding, const Resource& resource) {
  const Exemplar exemplar{kMoment - 1, 0.25, kTrace, kSpan};
  Metrics metrics{kMoment, {}};
  metrics.metrics.push_back({.type = Type::kCounter, .name = "requests_total", .description = "Requests."});
  metrics.metrics.back().points.push_back({.attributes = {{"method", std::string_view("GET")}},
                                           .started = kMoment - 60'000'000'000,
                                           .value = 3,
                                           .exemplars = {exemplar}});
  metrics.metrics.push_back({.type = Type::kGauge, .name = "memory_bytes", .unit = "By"});
  metrics.metrics.back().points.push_back({.value = -1.5});
  metrics.metrics.push_back(
      {.type = Type::kHistogram, .name = "took_seconds", .unit = "s", .bounds = {0.005, 0.01}});
  metrics.metrics.back().points.push_back({.started = kMoment - 60'000'000'000,
                                           .count = 18'446'744'073'709'551'615U,
                                           .sum = 7.005,
                                           .buckets = {1, 0, 18'446'744'073'709'551'614U},
                                           .exemplars = {exemplar}});
  return encodeMetrics(encoding, resource, metrics);
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  const Resource resource{{"service.name", "revenge"}, {"host.name", "den"}};
  const Encoding encoding = std::string_view(words[2]) == "json" ? Encoding::kJson : Encoding::kProtobuf;
  const std::string_view what = words[1];
  const std::string body = what == "traces"    ? sampleTraces(encoding, resource)
                           : what == "metrics" ? sampleMetrics(encoding, resource)
                                               : sampleLogs(encoding, resource);
  return std::fwrite(body.data(), 1, body.size(), stdout) == body.size() ? 0 : 1;
}
