#include "limits/forwarded_node.hpp"

#include <algorithm>
#include <cstddef>

#include "limits/fixed_text.hpp"

namespace revenge::http_limits {
namespace {

constexpr Hop kObscured{Hop::Kind::kObscured, {}};
constexpr Hop kMalformed{Hop::Kind::kMalformed, {}};

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool sameToken(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool isObfuscated(std::string_view text) {
  return text.size() > 1 && text.front() == '_' && std::ranges::all_of(text.substr(1), [](char c) {
           return isDigit(c) || isAlpha(c) || c == '.' || c == '_' || c == '-';
         });
}

// Behind the node's ":". What it is does not matter, that it is one does: else the node was cut in a wrong place.
bool isPort(std::string_view text) {
  if (isObfuscated(text)) return true;
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, isDigit)) return false;
  unsigned port = 0;
  for (const char c : text) port = port * 10 + static_cast<unsigned>(c - '0');
  return port <= 65535;
}

Hop addressHop(std::string_view text) {
  const std::optional<Address> address = Address::parse(text);
  return address ? Hop{Hop::Kind::kAddress, *address} : kMalformed;
}

Hop readNode(std::string_view node) {
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return kMalformed;
    const std::string_view behind = node.substr(end + 1);
    if (!behind.empty() && (behind.front() != ':' || !isPort(behind.substr(1)))) return kMalformed;
    const std::string_view inside = node.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? kMalformed : addressHop(inside);
  }
  const std::size_t colon = node.find(':');
  if (colon != std::string_view::npos && !isPort(node.substr(colon + 1))) return kMalformed;
  const std::string_view name = node.substr(0, colon);
  if (sameToken(name, "unknown") || isObfuscated(name)) return kObscured;
  return addressHop(name);
}

bool hasManyColons(std::string_view text) {
  return std::ranges::count(text, ':') > 1 && !text.starts_with('[');
}

// A node with its port has 53 characters at most, but for an obfuscated one, which tells nothing anyway.
using Unquoted = FixedText<128>;

// Of a value that begins with a quote: its end behind the closing one; npos: none closes it.
std::size_t endOfQuoted(std::string_view text, Unquoted& value) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') {
      ++i;
      if (i == text.size()) break;
    }
    value.append(text[i]);
  }
  return std::string_view::npos;
}

struct Pair {
  std::string_view name;
  Unquoted value;
};

// The first pair of the element, which is cut off it. False: it is none.
bool takePair(std::string_view& element, Pair& pair) {
  const std::size_t equals = element.find('=');
  const std::size_t semicolon = element.find(';');
  if (equals == std::string_view::npos || semicolon < equals) return false;
  pair.name = trimmed(element.substr(0, equals));
  if (pair.name.empty() || !std::ranges::all_of(pair.name, [](char c) { return isAlpha(c) || c == '-'; }))
    return false;
  const std::string_view rest = trimmed(element.substr(equals + 1));
  if (!rest.starts_with('"')) {
    const std::string_view value = trimmed(rest.substr(0, rest.find(';')));
    if (value.empty() || value.find_first_of("\" \t\\") != std::string_view::npos) return false;
    pair.value.append(value);
    element = semicolon == std::string_view::npos ? std::string_view() : element.substr(semicolon + 1);
    return !pair.value.cut();
  }
  const std::size_t end = endOfQuoted(rest, pair.value);
  if (end == std::string_view::npos || pair.value.cut()) return false;
  element = trimmed(rest.substr(end));
  if (element.empty()) return true;
  if (element.front() != ';') return false;
  element.remove_prefix(1);
  return true;
}

// Where the quoted string that ends at the closing quote begins; npos: nowhere.
std::size_t openingQuote(std::string_view list, std::size_t closing) {
  for (std::size_t at = closing; at > 0;) {
    at = list.rfind('"', at - 1);
    if (at == std::string_view::npos) return at;
    std::size_t slashes = 0;
    while (slashes < at && list[at - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return at;
  }
  return std::string_view::npos;
}

}  // namespace

Hop readForwardedFor(std::string_view element) {
  return hasManyColons(element) ? addressHop(element) : readNode(element);
}

Hop readForwarded(std::string_view element) {
  Hop hop = kObscured;
  bool named = false;
  while (!trimmed(element).empty()) {
    if (trimmed(element).starts_with(';')) {  // RFC 7239 allows empty pairs
      element = trimmed(element).substr(1);
      continue;
    }
    Pair pair;
    if (!takePair(element, pair)) return kMalformed;
    if (!sameToken(pair.name, "for")) continue;
    if (named) return kMalformed;  // RFC 7239: each parameter once in an element
    named = true;
    hop = readNode(pair.value.view());
  }
  return hop;
}

std::string_view takeLastElement(std::string_view& list, Quoting quoting) {
  std::size_t at = list.size();
  while (at > 0 && list[at - 1] != ',') {
    --at;
    if (quoting == Quoting::kNone || list[at] != '"') continue;
    const std::size_t opening = openingQuote(list, at);
    if (opening == std::string_view::npos)
      break;  // of a single quote nothing is known: the element is cut here
    at = opening;
  }
  const std::string_view element = list.substr(at);
  list = at == 0 ? std::string_view() : list.substr(0, at - (list[at - 1] == ',' ? 1 : 0));
  return trimmed(element);
}

}  // namespace revenge::http_limits
