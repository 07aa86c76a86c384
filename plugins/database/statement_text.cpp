#include "statement_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace database {

namespace {

constexpr std::size_t kLoggedBytes = 400;
constexpr std::array<std::string_view, 2> kReading{"select", "values"};
constexpr std::array<std::string_view, 6> kWriting{"insert", "update", "delete", "create", "replace", "drop"};
constexpr std::array<std::string_view, 16> kControlling{
    "begin", "start",   "commit", "end",      "rollback", "abort",      "savepoint", "release",
    "set",   "discard", "listen", "unlisten", "prepare",  "deallocate", "declare",   "copy"};

bool isSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
// Of ASCII, in place: each statement is compared with some twenty words.
constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Where the text goes on after a comment that begins at `at`; `at` when none does.
std::size_t behindComment(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) != "/*") return at;
  const std::size_t end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

template <class Words>
bool beginsWith(std::string_view text, const Words& words) {
  std::size_t at = 0;
  for (std::size_t before = std::string_view::npos; before != at && at < text.size();) {
    before = at;
    while (at < text.size() && isSpace(text[at])) ++at;
    at = behindComment(text, at);
  }
  text.remove_prefix(at);
  return std::ranges::any_of(words, [&](std::string_view word) {
    if (text.size() < word.size()) return false;
    const bool same =
        std::ranges::equal(text.substr(0, word.size()), word, [](char a, char b) { return lowered(a) == b; });
    return same &&
           (text.size() == word.size() || std::isalnum(static_cast<unsigned char>(text[word.size()])) == 0);
  });
}

}  // namespace

bool controlsSession(std::string_view text) { return beginsWith(text, kControlling); }

bool looksLikeRead(std::string_view text) { return beginsWith(text, kReading); }

bool looksLikeWrite(std::string_view text) { return beginsWith(text, kWriting); }

std::string redacted(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() < kLoggedBytes;) {
    const std::size_t behind = behindComment(text, at);
    if (behind != at) {
      at = behind;
      continue;
    }
    if (text[at] == '\'') {
      at = text.find('\'', at + 1);
      out += "'...'";
      at = at == std::string_view::npos ? text.size() : at + 1;
      continue;
    }
    if (!isSpace(text[at]))
      out += text[at];
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
    ++at;
  }
  if (out.size() >= kLoggedBytes) out += " ...";
  return out;
}

}  // namespace database
