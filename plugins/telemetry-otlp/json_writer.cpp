#include "json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "utf8.hpp"

namespace telemetry_otlp {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void appendHex(std::string& out, std::uint64_t value, unsigned digits) {
  while (digits-- > 0) out += kDigits[value >> (4 * digits) & 0xfU];
}

void appendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u";
      appendHex(out, static_cast<unsigned char>(c), 4);
    } else {
      out += c;
    }
  }
}

}  // namespace

void JsonWriter::text(Field field, std::string_view value) {
  key(field);
  out_ += '"';
  if (isUtf8(value)) {
    appendEscaped(out_, value);
  } else {
    std::string repaired;
    appendUtf8(repaired, value);
    appendEscaped(out_, repaired);
  }
  out_ += '"';
}

void JsonWriter::traceId(Field field, std::uint64_t high, std::uint64_t low) {
  key(field);
  out_ += '"';
  appendHex(out_, high, 16);
  appendHex(out_, low, 16);
  out_ += '"';
}

void JsonWriter::spanId(Field field, std::uint64_t id) {
  key(field);
  out_ += '"';
  appendHex(out_, id, 16);
  out_ += '"';
}

void JsonWriter::boolean(Field field, bool value) {
  key(field);
  out_ += value ? "true" : "false";
}

void JsonWriter::quoted(std::string_view digits) {
  out_ += '"';
  out_ += digits;
  out_ += '"';
}

void JsonWriter::int64(Field field, std::int64_t value) {
  key(field);
  quoted(std::to_string(value));
}

void JsonWriter::fixed64(Field field, std::uint64_t value) {
  key(field);
  quoted(std::to_string(value));
}

void JsonWriter::append(double value) {
  if (std::isnan(value)) return quoted("NaN");
  if (std::isinf(value)) return quoted(value > 0 ? "Infinity" : "-Infinity");
  std::array<char, 32> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_ += std::string_view(digits.data(), end);
}

void JsonWriter::number(Field field, double value) {
  key(field);
  append(value);
}

void JsonWriter::fixed64s(Field field, std::span<const std::uint64_t> values) {
  beginList(field);
  for (const std::uint64_t value : values) {
    separate();
    quoted(std::to_string(value));
  }
  endList();
}

void JsonWriter::numbers(Field field, std::span<const double> values) {
  beginList(field);
  for (const double value : values) {
    separate();
    append(value);
  }
  endList();
}

}  // namespace telemetry_otlp
