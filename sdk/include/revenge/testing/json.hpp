// A configuration as the host hands it over: JSON text to the leaves of revenge_config. For tests alone: the
// text is the test's own, so it is read without limits, and no schema stands behind it.
#pragma once

#include <charconv>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include <revenge/abi/plugin.h>
#include <revenge/boundary.hpp>

namespace revenge::testing {

// Owns what its raw() points into. Throws std::invalid_argument for text that is not JSON.
class ConfigText {
 public:
  explicit ConfigText(std::string json, std::uint64_t revision = 1) : json_(std::move(json)) {
    value("");
    blanks();
    if (at_ != json_.size()) broken("text after the value");
    raw_ = boundary::sized<revenge_config>();
    raw_.revision = revision;
    raw_.json = boundary::view(json_);
    raw_.values = leaves_.data();
    raw_.value_count = leaves_.size();
  }
  ConfigText(const ConfigText&) = delete;
  ConfigText& operator=(const ConfigText&) = delete;

  const revenge_config& raw() const { return raw_; }
  const std::string& json() const { return json_; }

 private:
  [[noreturn]] void broken(const std::string& why) const {
    throw std::invalid_argument("JSON, byte " + std::to_string(at_) + ": " + why + " in " + json_);
  }
  void blanks() { at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size()); }
  char peek() {
    blanks();
    return at_ < json_.size() ? json_[at_] : '\0';
  }
  bool accept(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) broken(std::string("expected '") + wanted + "'");
  }
  bool word(std::string_view wanted) {
    if (!std::string_view(json_).substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  revenge_config_value& leaf(const std::string& pointer, std::uint32_t type) {
    auto& added = leaves_.emplace_back(boundary::sized<revenge_config_value>());
    added.pointer = boundary::view(texts_.emplace_back(pointer));
    added.type = type;
    return added;
  }

  void value(const std::string& pointer) {
    switch (peek()) {
      case '{':
        return object(pointer);
      case '[':
        return array(pointer);
      case '"':
        leaf(pointer, REVENGE_CONFIG_TEXT).text = boundary::view(texts_.emplace_back(text()));
        return;
      default:
        break;
    }
    if (word("null"))
      leaf(pointer, REVENGE_CONFIG_NULL);
    else if (word("true"))
      leaf(pointer, REVENGE_CONFIG_BOOLEAN).integer = 1;
    else if (word("false"))
      leaf(pointer, REVENGE_CONFIG_BOOLEAN);
    else
      number(pointer);
  }

  void object(const std::string& pointer) {
    expect('{');
    if (accept('}')) return void(pointer.empty() ? nullptr : &leaf(pointer, REVENGE_CONFIG_EMPTY_OBJECT));
    do {
      if (peek() != '"') broken("expected a key");
      const std::string key = text();
      expect(':');
      value(pointer + "/" + escaped(key));
    } while (accept(','));
    expect('}');
  }

  void array(const std::string& pointer) {
    expect('[');
    if (accept(']')) return void(&leaf(pointer, REVENGE_CONFIG_EMPTY_ARRAY));
    std::size_t index = 0;
    do value(pointer + "/" + std::to_string(index++));
    while (accept(','));
    expect(']');
  }

  void number(const std::string& pointer) {
    const std::size_t end = std::min(json_.find_first_not_of("+-.eE0123456789", at_), json_.size());
    const char* first = json_.data() + at_;
    const char* last = json_.data() + end;
    std::int64_t integer = 0;
    double real = 0;
    if (const auto read = std::from_chars(first, last, integer); read.ec == std::errc() && read.ptr == last) {
      leaf(pointer, REVENGE_CONFIG_INTEGER).integer = integer;
    } else {
      try {
        real = std::stod(std::string(first, last));
      } catch (const std::exception&) {
        broken("expected a value");
      }
      leaf(pointer, REVENGE_CONFIG_NUMBER).number = real;
    }
    at_ = end;
  }

  std::string text() {
    expect('"');
    std::string read;
    while (at_ < json_.size() && json_[at_] != '"') {
      const char character = json_[at_++];
      read += character == '\\' ? escape() : character;
    }
    if (at_ == json_.size()) broken("a text without its end");
    ++at_;
    return read;
  }
  char escape() {
    switch (const char kind = at_ < json_.size() ? json_[at_++] : '\0') {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case '"':
      case '\\':
      case '/':
        return kind;
      default:
        broken("an escape that tests do not need; write the character itself");
    }
  }
  static std::string escaped(const std::string& key) {
    std::string segment;
    for (const char character : key) {
      if (character == '~')
        segment += "~0";
      else if (character == '/')
        segment += "~1";
      else
        segment += character;
    }
    return segment;
  }

  std::string json_;
  std::size_t at_ = 0;
  std::deque<std::string> texts_;
  std::vector<revenge_config_value> leaves_;
  revenge_config raw_{};
};

}  // namespace revenge::testing
