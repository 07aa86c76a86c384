// A log record that is kept: its own copy of everything. Thread safety: plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/span.hpp"

namespace revenge::observe {

struct ToldRecord {
  struct Attribute {
    std::string name;
    SpanValue::Type type = SpanValue::Type::kText;
    std::int64_t integer = 0;
    double number = 0;
    std::string text;
  };

  Level level = Level::kInfo;
  base::WallTime at{};
  std::string component;
  std::string message;
  std::vector<Attribute> attributes;
  std::uint64_t trace_id_high = 0;
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
};

}  // namespace revenge::observe
