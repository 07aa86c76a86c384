#include "catalogue/track_tags.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace library {

namespace {

constexpr char kBetween = '\x1f';  // ASCII's unit separator

std::string plain(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == kBetween || c == '\0'; }, ' ');
  return text;
}

std::optional<int> numberOf(std::string_view text) {
  int number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

std::string stored(const TrackTags& tags) {
  if (tags.isEmpty()) return {};
  const auto number = [](const std::optional<int>& value) {
    return value ? std::to_string(*value) : std::string();
  };
  std::string text;
  for (const std::string& part : {plain(tags.artist), plain(tags.album), plain(tags.title), number(tags.year),
                                  number(tags.disc), number(tags.track)}) {
    text += part;
    text += kBetween;
  }
  return text;
}

TrackTags readTags(std::string_view stored) {
  constexpr std::size_t kParts = 6;
  std::array<std::string_view, kParts> parts;
  for (std::string_view& part : parts) {
    part = stored.substr(0, stored.find(kBetween));
    stored.remove_prefix(std::min(part.size() + 1, stored.size()));
  }
  return {std::string(parts[0]), std::string(parts[1]), std::string(parts[2]),
          numberOf(parts[3]),    numberOf(parts[4]),    numberOf(parts[5])};
}

}  // namespace library
