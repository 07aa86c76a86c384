#include "limits/route_pattern.hpp"

#include <algorithm>

namespace revenge::http_limits {

std::expected<RoutePattern, std::string> RoutePattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return std::unexpected("does not begin with '/'");
  if (text.size() > 512) return std::unexpected("is longer than 512 bytes");
  if (text.contains("**"))
    return std::unexpected("has '**': a '*' at the end already takes all that follows");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) return std::unexpected("has control characters");
  if (text.find_first_of("{}?#") != std::string_view::npos)
    return std::unexpected(
        "has one of '{', '}', '?', '#': a '*' stands for what varies, and a query is not matched");
  RoutePattern pattern;
  pattern.text_ = text;
  pattern.prefix_ = std::min(text.find('*'), text.size());
  pattern.takes_rest_ = pattern.prefix_ + 1 == text.size();
  return pattern;
}

bool RoutePattern::matches(std::string_view path) const {
  // Patterns begin alike more often than they end alike: most are told apart by one character.
  if (path.size() < prefix_ || path[prefix_ - 1] != text_[prefix_ - 1]) return false;
  if (!path.starts_with(std::string_view(text_.data(), prefix_))) return false;
  if (takes_rest_) return true;
  if (prefix_ == text_.size()) return path.size() == prefix_;
  return matchesBehindPrefix(path);
}

bool RoutePattern::matchesBehindPrefix(std::string_view path) const {
  const std::string_view pattern = text_;
  std::size_t in_pattern = prefix_;
  std::size_t in_path = prefix_;
  std::size_t star = pattern.size();  // where the last `*` stands
  std::size_t star_end = 0;           // in the path, of what it takes
  while (in_path < path.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      if (in_pattern + 1 == pattern.size()) return true;
      star = in_pattern++;
      star_end = in_path;
      continue;
    }
    if (in_pattern < pattern.size() && pattern[in_pattern] == path[in_path]) {
      ++in_pattern;
      ++in_path;
      continue;
    }
    if (star == pattern.size() || path[star_end] == '/') return false;
    in_path = ++star_end;
    in_pattern = star + 1;
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

RoutePattern::Specificity RoutePattern::specificity() const {
  const auto stars = static_cast<std::size_t>(std::ranges::count(text_, '*'));
  return {stars == 0, prefix_, text_.size() - stars};
}

std::string RoutePattern::example() const {
  std::string path = text_;
  std::ranges::replace(path, '*', 'x');
  return path;
}

}  // namespace revenge::http_limits
