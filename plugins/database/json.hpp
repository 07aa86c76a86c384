// Writes a JSON object piece by piece: what commands answer. Texts are taken to be UTF-8, and are escaped. Thread safety:
// confined to one thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace database {

class Json {
 public:
  Json() { open('{'); }

  Json& add(std::string_view key, std::string_view value) { return name(key), quote(value), *this; }
  Json& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
  Json& add(std::string_view key, bool value) { return name(key), raw(value ? "true" : "false"), *this; }
  Json& add(std::string_view key, double value) { return name(key), raw(fmt::format("{}", value)), *this; }
  template <std::integral Number>
  Json& add(std::string_view key, Number value) {
    return name(key), raw(fmt::format("{}", value)), *this;
  }
  Json& null(std::string_view key) { return name(key), raw("null"), *this; }

  Json& object(std::string_view key) { return name(key), open('{'), *this; }
  Json& list(std::string_view key) { return name(key), open('['), *this; }
  Json& item() { return separate(), open('{'), *this; }  // Requires: inside a list
  Json& end() {
    text_ += closing_.back();
    closing_.pop_back();
    comma_ = true;
    return *this;
  }
  std::string take() {
    while (!closing_.empty()) end();
    return std::move(text_);
  }

 private:
  void open(char begin) {
    text_ += begin;
    closing_ += begin == '{' ? '}' : ']';
    comma_ = false;
  }
  void separate() {
    if (comma_) text_ += ',';
  }
  void name(std::string_view key) {
    separate();
    quote(key);
    text_ += ':';
  }
  void raw(std::string_view value) {
    text_ += value;
    comma_ = true;
  }
  void quote(std::string_view value) {
    text_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\')
        text_ += std::string("\\") + c;
      else if (static_cast<unsigned char>(c) < 0x20)
        text_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      else
        text_ += c;
    }
    text_ += '"';
    comma_ = true;
  }

  std::string text_;
  std::string closing_;
  bool comma_ = false;
};

}  // namespace database
