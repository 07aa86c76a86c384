// Which paths a rule is for: "/stream/*", "/api/*/items", "/health". A `*` stands for any part of one segment; at the end
// for all that follows, slashes too. Thread safety: a plain value.
#pragma once

#include <compare>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace revenge::http_limits {

class RoutePattern {
 public:
  // The error says what is wrong with the pattern, without naming it.
  static std::expected<RoutePattern, std::string> parse(std::string_view text);

  // `path` decoded, dot segments resolved. Linear in the path: the last `*` alone is ever taken back, since none crosses a
  // slash (but the one at the end, behind which nothing can fail).
  bool matches(std::string_view path) const;

  // The greater one says more of the path: without a `*`, then by the characters before the first `*`, then by all of them.
  struct Specificity {
    bool exact = false;
    std::size_t prefix = 0;
    std::size_t literals = 0;
    auto operator<=>(const Specificity&) const = default;
  };
  Specificity specificity() const;

  std::string_view text() const { return text_; }
  // A path that matches: each `*` as one letter.
  std::string example() const;

 private:
  bool matchesBehindPrefix(std::string_view path) const;

  std::string text_ = "/";
  std::size_t prefix_ = 1;   // characters before the first `*`, one at least
  bool takes_rest_ = false;  // the only `*` is at the end
};

}  // namespace revenge::http_limits
