// What is exported, as plain values. Texts are views of whoever made the batch and need not be UTF-8: the writers see to
// that. Times are nanoseconds since 1970. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace telemetry_otlp {

using Value = std::variant<bool, std::int64_t, double, std::string_view>;

struct Attribute {
  std::string_view key{};
  Value value{};
};
using Attributes = std::vector<Attribute>;

struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  explicit operator bool() const { return (high | low) != 0; }
};

struct Event {
  std::int64_t at = 0;
  std::string_view name{};
  Attributes attributes{};
};

// Numbers as OTLP has them.
enum class Kind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };
enum class Status : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

struct Span {
  TraceId trace{};
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // 0: a root
  std::uint8_t flags = 0;
  Kind kind = Kind::kInternal;
  Status status = Status::kUnset;
  std::int64_t begun = 0;
  std::int64_t ended = 0;
  std::string_view name{};
  std::string_view scope{};  // whose code it was; empty: the host's
  std::string_view message{};
  std::string_view trace_state{};
  Attributes attributes{};
  std::vector<Event> events{};
  std::uint32_t dropped_attributes = 0;
  std::uint32_t dropped_events = 0;
};

enum class Severity : std::uint8_t {
  kTrace = 1,
  kDebug = 5,
  kInfo = 9,
  kWarn = 13,
  kError = 17,
  kFatal = 21
};

struct LogRecord {
  std::int64_t at = 0;
  Severity severity = Severity::kInfo;
  std::string_view scope{};
  std::string_view body{};
  Attributes attributes{};
  TraceId trace{};
  std::uint64_t span = 0;
};

struct Exemplar {
  std::int64_t at = 0;
  double value = 0;
  TraceId trace{};
  std::uint64_t span = 0;
};

struct Point {
  Attributes attributes{};
  std::int64_t started = 0;  // 0: not known
  double value = 0;          // of a counter or gauge
  std::uint64_t count = 0;   // of a histogram
  double sum = 0;
  std::vector<std::uint64_t> buckets{};  // bounds + 1, not cumulative
  std::vector<Exemplar> exemplars{};
};

enum class Type : std::uint8_t { kCounter, kGauge, kHistogram };

struct Metric {
  Type type = Type::kGauge;
  std::string_view name{};
  std::string_view description{};
  std::string_view unit{};  // UCUM: "s", "By", "1"; empty: none
  std::vector<double> bounds{};
  std::vector<Point> points{};
};

struct Metrics {
  std::int64_t at = 0;
  std::vector<Metric> metrics{};
};

// Of whom all this tells.
using Resource = std::vector<std::pair<std::string, std::string>>;

}  // namespace telemetry_otlp
