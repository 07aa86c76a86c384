#include "problem.hpp"

#include <fmt/format.h>

namespace revenge::resilience {
namespace {

std::string seconds(Duration duration) {
  return fmt::format("{} s", static_cast<double>(duration.count()) / 1e9);
}

template <typename Text>
Problem notBetween(std::string_view key, const Text& value, const Text& least, const Text& most) {
  return {std::string(key), fmt::format("must be from {} to {}, is {}", least, most, value)};
}

}  // namespace

std::optional<Problem> outside(std::string_view key, std::int64_t value, std::int64_t least,
                               std::int64_t most) {
  if (value >= least && value <= most) return std::nullopt;
  return notBetween(key, value, least, most);
}

std::optional<Problem> outside(std::string_view key, Duration value, Duration least, Duration most) {
  if (value >= least && value <= most) return std::nullopt;
  return notBetween(key, seconds(value), seconds(least), seconds(most));
}

std::optional<Problem> outside(std::string_view key, double value, double least, double most) {
  if (value >= least && value <= most) return std::nullopt;
  return notBetween(key, value, least, most);
}

}  // namespace revenge::resilience
