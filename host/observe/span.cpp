#include "observe/span.hpp"

#include <cstring>

#include "observe/utf8.hpp"

namespace revenge::observe {

void SpanRecord::begin(const SpanIds& given, SpanKind what, base::Instant at) {
  ids = given;
  begun = ended = at;
  kind = what;
  status = SpanStatus::kUnset;
  used_ = 0;
  dropped_attributes_ = dropped_events_ = 0;
  in_dropped_event_ = false;
}

void SpanRecord::traceState(std::string_view text) {
  constexpr std::size_t kLongest = 512;
  if (!text.empty()) put(Tag::kTraceState, {}, {.type = Type::kText, .text = text}, kLongest);
}

void SpanRecord::event(std::string_view name, base::Instant at) {
  const SpanValue value{.type = Type::kInteger, .integer = at.time_since_epoch().count()};
  in_dropped_event_ = !put(Tag::kEvent, name, value);
  dropped_events_ += in_dropped_event_ ? 1U : 0U;
}

bool SpanRecord::put(Tag tag, std::string_view key, const SpanValue& value, std::size_t longest) {
  const bool whole = tag != Tag::kAttribute || !in_dropped_event_;
  key = cutAt(key, kMaxText);
  const std::string_view text = value.type == Type::kText ? cutAt(value.text, longest) : std::string_view();
  const std::size_t payload = value.type == Type::kText ? text.size() : sizeof(std::int64_t);
  const std::size_t needed = sizeof(Head) + key.size() + payload;
  if (!whole || kArea - used_ < needed) {
    dropped_attributes_ += tag == Tag::kAttribute ? 1U : 0U;
    return false;
  }
  char* at = area_.data() + used_;
  const auto write = [&at](const void* from, std::size_t size) {
    if (size > 0) std::memcpy(at, from, size);
    at += size;
  };
  const Head head{tag, value.type, static_cast<std::uint8_t>(key.size()),
                  static_cast<std::uint16_t>(payload)};
  write(&head, sizeof head);
  write(key.data(), key.size());
  if (value.type == Type::kText) {
    write(text.data(), payload);
  } else if (value.type == Type::kNumber) {
    write(&value.number, payload);
  } else {
    write(&value.integer, payload);
  }
  used_ = static_cast<std::uint16_t>(used_ + needed);
  return true;
}

SpanView::SpanView(const SpanRecord& record) {
  for (std::size_t at = 0; at < record.used_;) {
    SpanRecord::Head head{};
    std::memcpy(&head, record.area_.data() + at, sizeof head);
    at += sizeof head;
    const std::string_view key(record.area_.data() + at, head.key);
    at += head.key;
    const std::string_view payload(record.area_.data() + at, head.text);
    at += head.text;
    SpanValue value{.type = head.type};
    if (head.type == SpanValue::Type::kText) {
      value.text = payload;
    } else if (head.type == SpanValue::Type::kNumber) {
      std::memcpy(&value.number, payload.data(), sizeof value.number);
    } else {
      std::memcpy(&value.integer, payload.data(), sizeof value.integer);
    }
    switch (head.tag) {
      case SpanRecord::Tag::kName:
        name = payload;
        break;
      case SpanRecord::Tag::kPlugin:
        plugin = payload;
        break;
      case SpanRecord::Tag::kMessage:
        message = payload;
        break;
      case SpanRecord::Tag::kTraceState:
        trace_state = payload;
        break;
      case SpanRecord::Tag::kAttribute:
        (events.empty() ? attributes : events.back().attributes).push_back({key, value});
        break;
      case SpanRecord::Tag::kEvent:
        events.push_back({key, base::Instant(base::Duration(value.integer)), {}});
        break;
    }
  }
}

}  // namespace revenge::observe
