// Writes JSON text piece by piece: what the control plane answers. Strings are made valid UTF-8 and escaped. Thread
// safety: confined to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::admin {

class Json {
 public:
  Json& object() { return open('{', '}'); }
  Json& array() { return open('[', ']'); }
  Json& end();
  Json& key(std::string_view name);  // Requires: inside an object; one value follows
  Json& text(std::string_view value);
  Json& integer(std::int64_t value);
  Json& number(double value);
  Json& boolean(bool value);
  Json& null();
  Json& raw(std::string_view json);                     // Requires: one value of valid JSON
  Json& texts(const std::vector<std::string>& values);  // an array

  std::string take() { return std::move(out_); }

 private:
  Json& open(char begin, char close);
  void separate();
  void quote(std::string_view text);

  std::string out_;
  std::vector<char> closing_;
  bool comma_ = false;
};

}  // namespace revenge::admin
