#include "http/redacted_query.hpp"

#include <algorithm>
#include <array>

namespace revenge::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool containsWord(std::string_view text, std::string_view word) {
  return std::ranges::search(text, word, [](char a, char b) { return lower(a) == b; }).begin() != text.end();
}

// OpenTelemetry names the signatures; media clients send their keys as well. An escaped name could be any of them.
bool isSecret(std::string_view name) {
  constexpr std::array<std::string_view, 10> kParts{"token",   "secret", "passw", "signature", "accesskeyid",
                                                    "api_key", "apikey", "auth",  "session",   "credential"};
  constexpr std::array<std::string_view, 4> kNames{"sig", "key", "pw", "code"};
  if (name.contains('%')) return true;
  return std::ranges::any_of(kParts, [name](std::string_view part) { return containsWord(name, part); }) ||
         std::ranges::any_of(kNames, [name](std::string_view whole) {
           return name.size() == whole.size() && containsWord(name, whole);
         });
}

}  // namespace

std::string redactedQuery(std::string_view query, std::size_t longest) {
  std::string kept;
  while (!query.empty()) {
    const auto end = query.find_first_of("&;");
    const std::string_view parameter = query.substr(0, end);
    const auto equals = parameter.find('=');
    const bool hidden = equals != std::string_view::npos && isSecret(parameter.substr(0, equals));
    const std::string_view shown = hidden ? parameter.substr(0, equals + 1) : parameter;
    constexpr std::string_view kHidden = "REDACTED";
    const std::size_t needed = shown.size() + (hidden ? kHidden.size() : 0) + 1;
    if (kept.size() + needed > longest) return kept;
    kept += shown;
    if (hidden) kept += kHidden;
    if (end == std::string_view::npos) return kept;
    kept += query[end];
    query.remove_prefix(end + 1);
  }
  return kept;
}

}  // namespace revenge::http
