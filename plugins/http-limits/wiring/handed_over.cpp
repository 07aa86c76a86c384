#include "wiring/handed_over.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace revenge::http_limits {
namespace {

constexpr std::string_view kFormat = "http-limits 1";
constexpr std::size_t kMostLevels = 1024;

// Numbers with one space before each.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}

  std::optional<std::uint64_t> next() {
    if (!text_.starts_with(' ')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text_.data() + 1, text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return number;
  }
  bool atEnd() const { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace

std::string bytesOf(const HandedOver& state) {
  std::string bytes = fmt::format("{} {} {}", kFormat, state.secret.first, state.secret.second);
  for (const Queues::Level& each : state.levels) bytes += fmt::format(" {} {}", each.queue, each.level);
  return bytes;
}

std::optional<HandedOver> handedOver(std::string_view bytes) {
  if (!bytes.starts_with(kFormat)) return std::nullopt;
  Numbers numbers(bytes.substr(kFormat.size()));
  const auto first = numbers.next();
  const auto second = numbers.next();
  if (!first || !second) return std::nullopt;
  HandedOver state{.secret = {*first, *second}, .levels = {}};
  while (!numbers.atEnd()) {
    const auto queue = numbers.next();
    const auto level = numbers.next();
    if (!queue || !level || *level > kTrafficClasses || state.levels.size() == kMostLevels)
      return std::nullopt;
    state.levels.push_back({*queue, static_cast<int>(*level)});
  }
  return state;
}

}  // namespace revenge::http_limits
