#include "admin/json.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "observe/utf8.hpp"

namespace revenge::admin {

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

// A line end in JSON is space between values: one line stays one line.
Json& Json::raw(std::string_view json) {
  separate();
  const std::size_t begin = out_.size();
  out_ += json;
  std::replace_if(
      out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return *this;
}

Json& Json::texts(const std::vector<std::string>& values) {
  array();
  for (const std::string& value : values) text(value);
  return end();
}

void Json::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const observe::Utf8Step step = observe::firstCharacter(text);
    if (!step.valid) {
      out_ += "\\ufffd";
    } else if (step.point == '"' || step.point == '\\') {
      out_ += {'\\', text.front()};
    } else if (step.point < 0x20 || step.point == 0x7f) {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(step.point));
    } else {
      out_ += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
  out_ += '"';
}

}  // namespace revenge::admin
