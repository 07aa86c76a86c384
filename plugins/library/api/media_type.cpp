#include "api/media_type.hpp"

#include <algorithm>

#include "naming/text.hpp"

namespace library::api {

namespace {

using naming::equalsIgnoringCase;
using naming::trimmed;

constexpr std::string_view kSpace = " \t";

// Takes what stands before the separator off the front.
std::string_view takeUpTo(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(part, kSpace);
}

// In thousandths; what is not written as RFC 9110 says counts as 1.
int quality(std::string_view value) {
  if (value.empty() || value.front() != '0') return 1000;
  int thousandths = 0;
  int place = 100;
  for (const char digit : value.substr(std::min<std::size_t>(value.size(), 2))) {
    if (!naming::isDigit(digit)) break;
    thousandths += (digit - '0') * place;
    place /= 10;
  }
  return thousandths;
}

struct Range {
  std::string_view type;
  int quality = 1000;
};

Range readRange(std::string_view text) {
  Range range{.type = takeUpTo(text, ';')};
  while (!text.empty()) {
    std::string_view parameter = takeUpTo(text, ';');
    const std::string_view name = takeUpTo(parameter, '=');
    if (equalsIgnoringCase(name, "q")) range.quality = quality(trimmed(parameter, kSpace));
  }
  return range;
}

enum Match { kNot, kAnything, kAnySubtype, kExactly };

Match matchOf(std::string_view range, std::string_view type) {
  if (equalsIgnoringCase(range, type)) return kExactly;
  if (equalsIgnoringCase(range, "application/*")) return kAnySubtype;
  return range == "*/*" ? kAnything : kNot;
}

struct Wish {
  Match match = kNot;
  int quality = 0;
};

// The most specific range decides.
Wish wishFor(std::string_view accept, std::string_view type) {
  Wish wish;
  while (!accept.empty()) {
    const Range range = readRange(takeUpTo(accept, ','));
    const Match match = matchOf(range.type, type);
    if (match > wish.match) wish = {match, range.quality};
  }
  return wish;
}

}  // namespace

std::optional<ErrorForm> acceptedForm(std::string_view accept) {
  if (trimmed(accept, kSpace).empty()) return ErrorForm::kJson;
  const Wish json = wishFor(accept, "application/json");
  const Wish problem = wishFor(accept, "application/problem+json");
  if (problem.match == kExactly && problem.quality > 0 && problem.quality >= json.quality)
    return ErrorForm::kProblem;
  if (json.quality > 0) return ErrorForm::kJson;
  return std::nullopt;
}

bool isOfType(std::string_view content_type, std::string_view type) {
  if (!equalsIgnoringCase(takeUpTo(content_type, ';'), type)) return false;
  while (!content_type.empty()) {
    std::string_view parameter = takeUpTo(content_type, ';');
    const std::string_view name = takeUpTo(parameter, '=');
    if (!equalsIgnoringCase(name, "charset")) continue;
    if (!equalsIgnoringCase(trimmed(parameter, " \t\""), "utf-8")) return false;
  }
  return true;
}

}  // namespace library::api
