#include "values.hpp"

#include <charconv>
#include <cmath>

#include "naming/text.hpp"

namespace library::media {
namespace {

constexpr double kMostSeconds = 1e9;  // thirty years
constexpr std::int64_t kMostOfRational = 1'000'000'000;

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> wholeNumber(std::string_view text) { return whole<std::int64_t>(text); }

std::optional<double> decimal(std::string_view text) {
  const auto value = whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> milliseconds(double seconds) {
  if (!(seconds >= 0) || seconds > kMostSeconds) return std::nullopt;
  return std::llround(seconds * 1000);
}

std::optional<std::int64_t> clockMilliseconds(std::string_view text) {
  double seconds = 0;
  for (int part = 0; part < 3; ++part) {
    const std::size_t end = part < 2 ? text.find(':') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = decimal(text.substr(0, end));
    if (!value || *value < 0) return std::nullopt;
    seconds = seconds * 60 + *value;
    text.remove_prefix(part < 2 ? end + 1 : end);
  }
  return milliseconds(seconds);
}

std::optional<Rational> rational(std::string_view text) {
  const std::size_t sign = text.find_first_of("/:");
  if (sign == std::string_view::npos) return std::nullopt;
  const auto numerator = wholeNumber(text.substr(0, sign));
  const auto denominator = wholeNumber(text.substr(sign + 1));
  const auto fits = [](std::optional<std::int64_t> n) { return n && *n > 0 && *n <= kMostOfRational; };
  if (!fits(numerator) || !fits(denominator)) return std::nullopt;
  return Rational{*numerator, *denominator};
}

std::optional<int> bitDepthOf(std::string_view pixel_format) {
  if (pixel_format.empty() || pixel_format.starts_with("bayer") || pixel_format.starts_with("xyz")) {
    return std::nullopt;
  }
  // Packed formats name the bits of a whole pixel.
  for (const std::string_view packed : {"rgb48", "bgr48", "rgba64", "bgra64", "ya16"}) {
    if (pixel_format.starts_with(packed)) return 16;
  }
  for (const std::string_view odd : {"rgb4", "bgr4", "rgb5", "bgr5", "rgb8", "bgr8", "mono", "x2"}) {
    if (pixel_format.starts_with(odd)) return std::nullopt;
  }
  if (!pixel_format.ends_with("le") && !pixel_format.ends_with("be")) return 8;
  const std::string_view name = pixel_format.substr(0, pixel_format.size() - 2);
  std::size_t digits = 0;
  while (digits < name.size() && naming::isDigit(name[name.size() - 1 - digits])) ++digits;
  const int depth = naming::leadingNumber(name.substr(name.size() - digits));
  // "p210" and "p416": the last two digits are the bits of a sample.
  const int bits = depth > 32 ? depth % 100 : depth;
  return bits >= 8 && bits <= 32 ? std::optional(bits) : std::nullopt;
}

}  // namespace library::media
