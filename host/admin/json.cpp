#include "admin/json.hpp"

#include <cmath>

#include <fmt/format.h>

namespace revenge::admin {

namespace {

// Length of the well-formed UTF-8 character at the beginning of `text`; 0 when there is none.
std::size_t characterAt(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

Json& Json::open(char begin, char close) {
  separate();
  out_ += begin;
  closing_.push_back(close);
  comma_ = false;
  return *this;
}

Json& Json::end() {
  out_ += closing_.back();
  closing_.pop_back();
  comma_ = true;
  return *this;
}

Json& Json::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

void Json::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Json& Json::text(std::string_view value) {
  separate();
  quote(value);
  return *this;
}

Json& Json::integer(std::int64_t value) {
  separate();
  out_ += fmt::format("{}", value);
  return *this;
}

Json& Json::number(double value) {
  separate();
  out_ += std::isfinite(value) ? fmt::format("{}", value) : "null";
  return *this;
}

Json& Json::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

Json& Json::null() {
  separate();
  out_ += "null";
  return *this;
}

void Json::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const std::size_t size = characterAt(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (size == 0) {
      out_ += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += text.front();
    } else if (c < 0x20 || c == 0x7f) {
      out_ += fmt::format("\\u{:04x}", c);
    } else {
      out_ += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out_ += '"';
}

}  // namespace revenge::admin
