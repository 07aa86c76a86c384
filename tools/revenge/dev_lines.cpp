#include "revenge/dev_lines.hpp"

#include <fmt/format.h>

#include "revengectl/text.hpp"

namespace revenge::author {

std::string changedText(const Changes::Taken& changes) {
  const auto& files = changes.files;
  if (files.empty()) return changes.unknown ? "the source changed" : "";
  const std::string first = ctl::escaped(files.front());
  if (files.size() == 1) return fmt::format("{} changed", first);
  if (files.size() == 2) return fmt::format("{} and {} changed", first, ctl::escaped(files.back()));
  return fmt::format("{} and {} more changed", first, files.size() - 1);
}

std::string secondsText(base::Duration took) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(took).count());
}

std::string joinedLine(const std::vector<std::string>& parts) {
  std::string line;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    line += line.empty() ? "" : " · ";
    line += part;
  }
  return line;
}

bool isOfCompiler(std::string_view line) {
  return !line.starts_with("-- ") && !line.starts_with("ninja: no work to do") &&
         !line.starts_with("ninja: Entering directory");
}

}  // namespace revenge::author
