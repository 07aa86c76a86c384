// A field of a message: its number for protobuf, its lowerCamelCase name for JSON.
#pragma once

#include <cstdint>
#include <string_view>

namespace telemetry_otlp {

struct Field {
  std::uint32_t number;
  std::string_view name;
};

}  // namespace telemetry_otlp
