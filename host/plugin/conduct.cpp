#include "plugin/conduct.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace revenge::plugin {

std::string Incident::summary() const {
  std::string text =
      fmt::format("{} has held {} for {:.1f} s", doing.empty() ? "a callback" : fmt::format("'{}'", doing),
                  where, std::chrono::duration<double>(lasting).count());
  if (replaced) text += ", another thread does its work";
  // The innermost of its own says more than the system call it waits in.
  const auto own = std::ranges::find(frames, plugin, &observe::StackFrame::plugin);
  if (own != frames.end()) text += fmt::format(", in {}", own->text());
  return text;
}

}  // namespace revenge::plugin
