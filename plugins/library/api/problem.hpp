// Problem: why a request is not answered as it was meant, and its two forms on the wire: {code, message, details,
// request_id}, or RFC 9457. A value. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace library::api {

// One field that is wrong; there is at most one entry for each.
struct FieldError {
  std::string field;  // JSON pointer into the body, or the name of a query parameter
  std::string code;   // stable: REQUIRED, TOO_LONG, NOT_ONE_OF ...
  std::string message;
  std::optional<std::int64_t> limit{};
};
using FieldErrors = std::vector<FieldError>;

struct Problem {
  using Fact = std::pair<std::string, std::variant<std::string, std::int64_t>>;

  int status = 500;
  std::string code{};     // stable: UPPER_SNAKE
  std::string message{};  // for people
  FieldErrors fields{};
  std::vector<Fact> facts{};  // what else a program may want, when no field is wrong
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string cause{};  // for the log alone
};

// 422 with all of them.
Problem invalid(FieldErrors fields);

enum class ErrorForm : std::uint8_t { kJson, kProblem };

std::string_view contentType(ErrorForm form);
std::string body(const Problem& problem, ErrorForm form, std::string_view request_id, std::string_view path);

}  // namespace library::api
