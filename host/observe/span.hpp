// A finished span as a record of fixed size: who, when, and an area that holds its texts, attributes and events in the
// order they were written. What does not fit is left out and counted, so that recording one never allocates. Thread
// safety: plain values; whoever writes a record has it alone.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

// Values as OTLP has them.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };
enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

// What a call goes on with, and what it came from.
struct SpanIds {
  std::uint64_t trace_id_high = 0;
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
  std::uint64_t parent_id = 0;  // 0: a root
  std::uint8_t flags = 0;       // TraceContext::kSampled ...
};

struct SpanValue {
  enum class Type : std::uint8_t { kBoolean, kInteger, kNumber, kText };

  Type type = Type::kBoolean;
  std::int64_t integer = 0;  // a boolean's 0 or 1
  double number = 0;
  std::string_view text = {};
};

class SpanRecord {
 public:
  static constexpr std::size_t kArea = 928;
  static constexpr std::size_t kMaxText = 255;  // of one text; longer ones are cut at a character

  // All of it anew, without a look at what was there.
  void begin(const SpanIds& ids, SpanKind kind, base::Instant at);

  SpanIds ids;
  base::Instant begun{};
  base::Instant ended{};
  SpanKind kind = SpanKind::kInternal;
  SpanStatus status = SpanStatus::kUnset;

  void name(std::string_view text) { put(Tag::kName, {}, SpanValue{.type = Type::kText, .text = text}); }
  // Whose code it was; empty texts are left out here and below.
  void plugin(std::string_view id) { putText(Tag::kPlugin, {}, id); }
  void message(std::string_view text) { putText(Tag::kMessage, {}, text); }
  void traceState(std::string_view text);

  // Of the span, or of the event that was added last.
  void add(std::string_view key, std::string_view value) { putText(Tag::kAttribute, key, value); }
  void add(std::string_view key, const SpanValue& value) { put(Tag::kAttribute, key, value); }
  template <std::integral Integer>
  void add(std::string_view key, Integer value) {
    const auto type = std::is_same_v<Integer, bool> ? Type::kBoolean : Type::kInteger;
    put(Tag::kAttribute, key, {.type = type, .integer = static_cast<std::int64_t>(value)});
  }
  void event(std::string_view name, base::Instant at);

  std::uint32_t droppedAttributes() const { return dropped_attributes_; }
  std::uint32_t droppedEvents() const { return dropped_events_; }

 private:
  friend struct SpanView;
  using Type = SpanValue::Type;
  enum class Tag : std::uint8_t { kName, kPlugin, kMessage, kTraceState, kAttribute, kEvent };
  struct Head {  // before each text
    Tag tag;
    Type type;
    std::uint8_t key;    // length
    std::uint16_t text;  // length
  };

  bool put(Tag tag, std::string_view key, const SpanValue& value, std::size_t longest = kMaxText);
  void putText(Tag tag, std::string_view key, std::string_view text) {
    if (!text.empty()) put(tag, key, {.type = Type::kText, .text = text});
  }

  std::uint16_t used_ = 0;
  std::uint32_t dropped_attributes_ = 0;
  std::uint32_t dropped_events_ = 0;
  bool in_dropped_event_ = false;
  std::array<char, kArea> area_;  // left as it was by begin()
};

// The record's area, taken apart. Its views live as long as the record.
struct SpanView {
  struct Attribute {
    std::string_view key;
    SpanValue value;
  };
  struct Event {
    std::string_view name;
    base::Instant at{};
    std::vector<Attribute> attributes;
  };

  explicit SpanView(const SpanRecord& record);

  std::string_view name;
  std::string_view plugin;
  std::string_view message;
  std::string_view trace_state;
  std::vector<Attribute> attributes;
  std::vector<Event> events;
};

}  // namespace revenge::observe
