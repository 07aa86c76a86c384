#include "glob.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "text.hpp"

namespace library::naming {
namespace {

std::size_t characterBytes(std::string_view text) { return std::max<std::size_t>(1, characterLength(text)); }

struct ClassMatch {
  bool matches;
  std::size_t bytes;  // of the pattern
};

// Requires: '[' at the front. Nothing: the class is not closed, and '[' stands for itself.
std::optional<ClassMatch> matchClass(std::string_view pattern, std::string_view character) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  for (bool first = true; at < pattern.size(); first = false) {
    if (pattern[at] == ']' && !first) return ClassMatch{found != negated, at + 1};
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    const std::string_view low = pattern.substr(at, characterBytes(pattern.substr(at)));
    at += low.size();
    std::string_view high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      high = pattern.substr(at, characterBytes(pattern.substr(at)));
      at += high.size();
    }
    // UTF-8 sorts as its characters do.
    found = found || (character >= low && character <= high);
  }
  return std::nullopt;
}

// How many bytes of the pattern the character at the front of the name takes; 0: it does not match.
std::size_t matchOne(std::string_view pattern, std::string_view name, std::size_t& name_bytes) {
  name_bytes = 1;
  if (pattern.front() == '?') {
    name_bytes = characterBytes(name);
    return 1;
  }
  if (pattern.front() == '[') {
    const std::string_view character = name.substr(0, characterBytes(name));
    if (const auto match = matchClass(pattern, character)) {
      name_bytes = character.size();
      return match->matches ? match->bytes : 0;
    }
  }
  if (pattern.front() == '\\' && pattern.size() > 1) return pattern[1] == name.front() ? 2 : 0;
  return pattern.front() == name.front() ? 1 : 0;
}

bool matchSegments(std::span<const std::string> pattern, std::span<const std::string_view> path) {
  // reached[j]: the patterns so far can end in front of the path's segment j.
  std::vector<char> reached(path.size() + 1, 0);
  reached[0] = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    std::vector<char> next(path.size() + 1, 0);
    if (pattern[i] == "**") {
      const bool is_last = i + 1 == pattern.size();
      bool any = false;
      for (std::size_t j = 0; j <= path.size(); ++j) {
        // "a/**" means what is inside of a, not a itself.
        if (any || !is_last) next[j] = any || reached[j] != 0 ? 1 : 0;
        any = any || reached[j] != 0;
      }
    } else {
      for (std::size_t j = 0; j < path.size(); ++j) {
        next[j + 1] = reached[j] != 0 && globMatches(pattern[i], path[j]) ? 1 : 0;
      }
    }
    reached = std::move(next);
  }
  return reached[path.size()] != 0;
}

std::vector<std::string_view> segmentsOf(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(path.size(), end + 1));
  }
  return segments;
}

// Spaces at the end count only behind a backslash.
std::string_view withoutTrailingSpace(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
    if (line.size() > 1 && line[line.size() - 2] == '\\' && line.back() == ' ') break;
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

bool globMatches(std::string_view pattern, std::string_view name) {
  // Only the last star is ever tried again: an earlier one could not do better.
  std::string_view star;
  std::string_view retry;
  bool starred = false;
  while (!name.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star = pattern;
      retry = name;
      starred = true;
      continue;
    }
    std::size_t name_bytes = 1;
    const std::size_t taken = pattern.empty() ? 0 : matchOne(pattern, name, name_bytes);
    if (taken > 0) {
      pattern.remove_prefix(taken);
      name.remove_prefix(name_bytes);
      continue;
    }
    if (!starred) return false;
    retry.remove_prefix(characterBytes(retry));
    name = retry;
    pattern = star;
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

IgnoreRules IgnoreRules::parse(std::string_view text) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && rules.patterns_.size() < kMaxPatterns) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = withoutTrailingSpace(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line.empty() || line.front() == '#') continue;
    Pattern pattern;
    if (line.front() == '!') {
      pattern.taken_back = true;
      line.remove_prefix(1);
    }
    if (!line.empty() && line.back() == '/') {
      pattern.folders_only = true;
      line.remove_suffix(1);
    }
    const bool anchored = line.contains('/');
    const std::vector<std::string_view> segments = segmentsOf(line);
    if (segments.empty()) continue;
    if (!anchored) pattern.segments.emplace_back("**");
    for (const std::string_view segment : segments) pattern.segments.emplace_back(segment);
    rules.patterns_.push_back(std::move(pattern));
  }
  return rules;
}

Verdict IgnoreRules::match(std::string_view path, Entry entry) const {
  const std::vector<std::string_view> segments = segmentsOf(path);
  if (segments.empty()) return Verdict::kNoMatch;
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->folders_only && entry == Entry::kFile) continue;
    if (matchSegments(pattern->segments, segments))
      return pattern->taken_back ? Verdict::kKeep : Verdict::kIgnore;
  }
  return Verdict::kNoMatch;
}

bool IgnoreRules::ignores(std::string_view path, Entry entry) const {
  for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (match(path.substr(0, slash), Entry::kFolder) == Verdict::kIgnore) return true;
  }
  return match(path, entry) == Verdict::kIgnore;
}

}  // namespace library::naming
