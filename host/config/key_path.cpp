#include "config/key_path.hpp"

#include "document/value.hpp"

namespace revenge::config {
namespace {

constexpr std::size_t kMaxSteps = 100;
constexpr std::size_t kShown = 120;

}  // namespace

base::Result<std::vector<std::string>> stepsOfKey(std::string_view key) {
  const auto refuse = [&] {
    return base::fail(base::Errc::kInvalid, "'{}': expected a key such as http.port",
                      document::printable(key, kShown));
  };
  std::vector<std::string> steps;
  for (std::string_view rest = key; steps.size() < kMaxSteps;) {
    const bool quoted = rest.starts_with('"');
    if (quoted) rest.remove_prefix(1);
    const std::size_t end = rest.find(quoted ? '"' : '.');
    if (quoted && end == std::string_view::npos) return refuse();
    const std::string& step = steps.emplace_back(rest.substr(0, end));
    if (step.empty()) return refuse();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + (quoted ? 1 : 0));
    if (rest.empty()) return steps;
    if (!rest.starts_with('.')) return refuse();
    rest.remove_prefix(1);
  }
  return refuse();
}

std::string pointerTo(std::span<const std::string> steps) {
  std::string pointer;
  for (const std::string& step : steps) pointer += document::pointerStep(step);
  return pointer;
}

std::string keyOf(std::span<const std::string> steps) {
  return document::dottedPath(document::Value(), pointerTo(steps));
}

std::string keyOfPointer(std::string_view pointer) {
  return document::dottedPath(document::Value(), pointer);
}

}  // namespace revenge::config
