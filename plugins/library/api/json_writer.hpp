// Writes one JSON document. A key that is empty: the value is the document itself, or an element of an array. Thread safety:
// one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace library::api {

class JsonWriter {
 public:
  void beginObject(std::string_view key = {}) { open(key, '{'); }
  void endObject() { close('}'); }
  void beginArray(std::string_view key = {}) { open(key, '['); }
  void endArray() { close(']'); }

  // What is not UTF-8 leaves in its display form.
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  void moment(std::string_view key, std::int64_t unix_us);
  // Requires: `json` is one value.
  void raw(std::string_view key, std::string_view json);

  std::string take() { return std::move(out_); }

 private:
  void name(std::string_view key);
  void quoted(std::string_view utf8);
  void open(std::string_view key, char bracket) {
    name(key);
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }

  std::string out_;
  bool first_ = true;  // of the object or array that is open
};

// RFC 3339 in UTC, to the millisecond: "2024-05-06T07:08:09.012Z". A year outside 0000 to 9999 is the nearest inside.
std::string momentText(std::int64_t unix_us);

}  // namespace library::api
