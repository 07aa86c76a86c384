// QueryReader: the parameters of a query, read by name; what is wrong with them is collected, so that one answer tells all of
// it. Borrows the parameters. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/problem.hpp"
#include "catalogue/id.hpp"

namespace library::api {

using Parameter = std::pair<std::string_view, std::string_view>;  // decoded

class QueryReader {
 public:
  explicit QueryReader(std::span<const Parameter> parameters) : parameters_(parameters) {}

  // Each answers nothing when the parameter is absent, and also when it is wrong, which finish() tells.
  std::optional<std::string_view> text(std::string_view name, std::size_t max_characters);
  std::optional<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Id> id(std::string_view name);
  std::optional<std::string_view> oneOf(std::string_view name, std::span<const std::string_view> values);
  bool flag(std::string_view name);  // "true"; absent: false

  void refuse(std::string_view field, std::string code, std::string message,
              std::optional<std::int64_t> limit = {});
  // What is wrong, with an entry for each parameter that nobody has asked for. Call it last.
  FieldErrors finish() &&;

  std::span<const Parameter> parameters() const { return parameters_; }

 private:
  std::optional<std::string_view> take(std::string_view name);

  std::span<const Parameter> parameters_;
  std::vector<std::string_view> known_;
  FieldErrors errors_;
};

// "one of a, b, c", for messages.
std::string oneOfText(std::span<const std::string_view> values);
// In characters, not bytes. Requires: UTF-8.
std::size_t lengthOf(std::string_view text);

}  // namespace library::api
