#include "config/override.hpp"

#include <algorithm>
#include <ranges>

#include "document/yaml.hpp"

namespace revenge::config {
namespace {

using document::Value;

constexpr std::size_t kMaxSteps = 100;

void forgetPositions(Value& value) {
  value.position = {};
  if (document::Array* array = value.array()) {
    for (Value& item : *array) forgetPositions(item);
  }
  if (document::Object* object = value.object()) {
    for (auto& [key, member, at] : *object) {
      at = {};
      forgetPositions(member);
    }
  }
}

}  // namespace

base::Result<Value> parseOneLine(std::string_view text, std::string_view origin) {
  auto value = document::parseYaml(text, origin);
  if (!value) {
    const std::string& told = value.error().message;
    return base::fail(value.error().code, "{}{}", origin, told.substr(told.find(": ", origin.size())));
  }
  forgetPositions(*value);
  return value;
}

Value nested(std::span<const std::string> steps, Value value) {
  for (const std::string& step : steps | std::views::reverse) {
    Value outer;
    outer.set(step, std::move(value));
    value = std::move(outer);
  }
  return value;
}

base::Result<Layer> overrideLayer(std::string_view option) {
  const std::size_t equals = option.find('=');
  const std::string_view path = option.substr(0, equals);
  const std::string origin = "--set " + document::printable(path, 120);
  if (equals == std::string_view::npos || equals == 0)
    return base::fail(base::Errc::kInvalid, "{}: expected KEY=VALUE, such as http.port=8096", origin);
  std::vector<std::string> steps;
  for (const auto step : path | std::views::split('.')) steps.emplace_back(step.begin(), step.end());
  if (steps.size() > kMaxSteps || std::ranges::any_of(steps, &std::string::empty))
    return base::fail(base::Errc::kInvalid, "{}: expected a key such as http.port before the =", origin);
  auto value = parseOneLine(option.substr(equals + 1), origin);
  if (!value) return std::unexpected(value.error());
  return Layer{"option", origin, nested(steps, std::move(*value))};
}

}  // namespace revenge::config
