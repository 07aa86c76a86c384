#include "http/negotiation.hpp"

#include <optional>

#include "http/text.hpp"

namespace revenge::http {
namespace {

// In thousandths: a q has three digits at most. Nothing: it is malformed.
std::optional<int> parseWeight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int value = text[0] - '0';
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  for (std::size_t i = 2; i < 5; ++i) {
    if (i < text.size() && !isDigit(text[i])) return std::nullopt;
    value = value * 10 + (i < text.size() ? text[i] - '0' : 0);
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

// One element of a list: a name, and of its parameters those that matter here.
struct Wish {
  std::string_view name;
  std::string_view version;
  int weight = 1000;
};

std::optional<Wish> parseWish(std::string_view element) {
  Wish wish;
  std::size_t end = element.find(';');
  wish.name = trim(element.substr(0, end));
  if (wish.name.empty()) return std::nullopt;
  while (end != std::string_view::npos) {
    element.remove_prefix(end + 1);
    end = element.find(';');
    const std::string_view parameter = trim(element.substr(0, end));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = parameter.substr(0, equals);
    std::string_view value = parameter.substr(equals + 1);
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (equalsIgnoringCase(key, "version")) wish.version = value;
    if (!equalsIgnoringCase(key, "q")) continue;
    const auto weight = parseWeight(value);
    if (!weight) return std::nullopt;
    wish.weight = *weight;
  }
  return wish;
}

// How closely a range names an offer; 0: not at all.
int closeness(const Wish& wish, const MediaOffer& offer) {
  if (wish.name == "*/*") return 1;
  const std::size_t slash = offer.type.find('/');
  if (wish.name.ends_with("/*"))
    return equalsIgnoringCase(wish.name.substr(0, wish.name.size() - 2), offer.type.substr(0, slash)) ? 2 : 0;
  if (!equalsIgnoringCase(wish.name, offer.type)) return 0;
  if (wish.version.empty()) return 3;
  return wish.version == offer.version ? 4 : 0;
}

int weightOf(std::string_view accept, const MediaOffer& offer) {
  int closest = 0;
  int weight = 0;
  std::string_view element;
  while (nextElement(accept, element)) {
    const auto wish = parseWish(element);
    const int near = wish ? closeness(*wish, offer) : 0;
    if (near <= closest) continue;
    closest = near;
    weight = wish->weight;
  }
  return weight;
}

}  // namespace

std::size_t preferredMedia(std::string_view accept, std::span<const MediaOffer> offers) {
  std::size_t best = 0;
  int most = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const int weight = weightOf(accept, offers[i]);
    if (weight <= most) continue;
    most = weight;
    best = i;
  }
  return best;
}

bool takesCoding(std::string_view accept_encoding, std::string_view coding) {
  bool others = false;
  std::string_view element;
  while (nextElement(accept_encoding, element)) {
    const auto wish = parseWish(element);
    if (!wish) continue;
    if (equalsIgnoringCase(wish->name, coding)) return wish->weight > 0;
    if (wish->name == "*") others = wish->weight > 0;
  }
  return others;
}

}  // namespace revenge::http
