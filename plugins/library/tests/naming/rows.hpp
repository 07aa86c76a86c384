// Tables of names and what a person says of them: "t=Title|y=1999|ids=-". Thread safety: pure functions.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace library::naming {

struct Row {
  std::string_view input;
  std::string_view expected;  // key=value, '|' between; "-" is nothing
};

using Facts = std::map<std::string, std::string, std::less<>>;

inline std::string factOf(const std::optional<int>& value) { return value ? std::to_string(*value) : "-"; }
inline std::string factOf(std::string_view value) { return value.empty() ? "-" : std::string(value); }
inline std::string factOf(const std::vector<int>& values) {
  std::string out;
  for (const int value : values) out += (out.empty() ? "" : ",") + std::to_string(value);
  return out.empty() ? "-" : out;
}

template <typename Describe>
void expectRows(std::span<const Row> rows, Describe describe) {
  for (const Row& row : rows) {
    const Facts facts = describe(row.input);
    std::string_view rest = row.expected;
    while (!rest.empty()) {
      const std::size_t end = rest.find('|');
      const std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      const std::size_t sign = pair.find('=');
      const auto fact = facts.find(pair.substr(0, sign));
      if (fact == facts.end()) {
        ADD_FAILURE() << row.input << ": no fact is called " << pair.substr(0, sign);
        continue;
      }
      if (fact->second == pair.substr(sign + 1)) continue;
      ADD_FAILURE() << row.input << ": " << pair << ", but found " << fact->second;
    }
  }
}

}  // namespace library::naming
