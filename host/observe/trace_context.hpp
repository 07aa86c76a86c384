// W3C trace context, the traceparent header: reading what came in, and going on with it. Source: W3C Trace Context Level 2,
// sections 3.2 and 4. Thread safety: pure functions and plain values; a TraceIds belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace revenge::observe {

struct TraceContext {
  static constexpr std::uint8_t kSampled = 1;
  static constexpr std::uint8_t kRandom = 2;  // the low 56 bits of the trace id are random

  std::uint64_t trace_id_high = 0;
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
  std::uint8_t flags = 0;

  bool isSampled() const { return (flags & kSampled) != 0; }
  bool operator==(const TraceContext&) const = default;
};

// Of the one header that was sent. Nothing: it is not one to go on with, and a new trace begins. Versions above 00 are
// read as far as 00 goes; flags that 00 does not know are left out.
std::optional<TraceContext> parseTraceparent(std::string_view header);

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". Requires: no id is 0.
std::array<char, 55> formatTraceparent(const TraceContext& context);

// 32 lower-case hex digits.
std::array<char, 32> formatTraceId(std::uint64_t high, std::uint64_t low);

// Ids that two processes are as good as sure not to share; not secret. Source of the generator: splitmix64 (Steele, Lea,
// Flood 2014), which visits every 64-bit value once.
class TraceIds {
 public:
  TraceIds();  // seeded by the operating system
  explicit TraceIds(std::uint64_t seed) : state_(seed) {}

  // This request's part of the trace that `parent` tells of, or of a new one that nobody has asked to be sampled.
  TraceContext begin(const std::optional<TraceContext>& parent);
  std::uint64_t next();  // of a span; never 0

 private:
  std::uint64_t state_;
};

}  // namespace revenge::observe
