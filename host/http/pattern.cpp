#include "http/pattern.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace revenge::http {
namespace {

using base::Errc;
using base::fail;

bool isName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return isDigit(c) || c == '_' || c == '-' || (toLower(c) >= 'a' && toLower(c) <= 'z');
  });
}

base::Result<Segment> parseSegment(std::string_view text) {
  if (!text.starts_with('{')) {
    if (text.find_first_of("{}") != std::string_view::npos) {
      return fail(Errc::kInvalid, "a parameter must be a whole segment, '{}' is not", text);
    }
    if (text == "." || text == "..") return fail(Errc::kInvalid, "dot segments never match");
    if (text.find_first_of("?#%") != std::string_view::npos || !std::ranges::all_of(text, isFieldValueByte)) {
      return fail(Errc::kInvalid, "'{}' is matched decoded and cannot hold '?', '#', '%' or control bytes",
                  text);
    }
    return Segment{Segment::Kind::kLiteral, text};
  }
  if (!text.ends_with('}')) return fail(Errc::kInvalid, "'{}' does not end in '}}'", text);
  std::string_view name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with("...");
  if (rest) name.remove_suffix(3);
  if (!isName(name))
    return fail(Errc::kInvalid, "'{}' is no parameter name (letters, digits, _ and -)", name);
  return Segment{rest ? Segment::Kind::kRest : Segment::Kind::kParameter, name};
}

std::string_view takeSegment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return segment;
}

}  // namespace

base::Result<Pattern> Pattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return fail(Errc::kInvalid, "does not begin with '/'");
  Pattern pattern;
  for (std::string_view path = text; !path.empty();) {
    auto segment = parseSegment(takeSegment(path));
    if (!segment) return std::unexpected(std::move(segment.error()));
    if (segment->kind == Segment::Kind::kRest && !path.empty()) {
      return fail(Errc::kInvalid, "'{{{}...}}' must be the last segment", segment->text);
    }
    const auto taken = [&](const Segment& other) {
      return other.kind != Segment::Kind::kLiteral && other.text == segment->text;
    };
    if (segment->kind != Segment::Kind::kLiteral && std::ranges::any_of(pattern.segments, taken)) {
      return fail(Errc::kInvalid, "parameter '{}' stands twice", segment->text);
    }
    pattern.segments.push_back(*segment);
  }
  return pattern;
}

Relation relate(std::string_view pattern, std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  Relation relation = Relation::kBelow;
  while (!prefix.empty()) {
    if (pattern.empty()) return Relation::kApart;
    const std::string_view wanted = takeSegment(prefix);
    const std::string_view segment = takeSegment(pattern);
    if (segment.starts_with('{')) {
      relation = Relation::kByPath;
      if (segment.ends_with("...}")) return relation;
    } else if (segment != wanted) {
      return Relation::kApart;
    }
  }
  return relation;
}

}  // namespace revenge::http
