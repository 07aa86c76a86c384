#include "observe/stack_frame.hpp"

#include <fmt/format.h>

namespace revenge::observe {

std::string StackFrame::text() const {
  constexpr std::size_t kShownOfBuild = 8;
  std::string text = function.empty() ? "" : function + " ";
  const std::string file = path.empty() && build_id.empty() ? "?" : path.substr(path.rfind('/') + 1);
  text += fmt::format("{}+{:#x}", file.empty() ? "revenge" : file, offset);
  if (!build_id.empty()) text += fmt::format(" (build {})", build_id.substr(0, kShownOfBuild));
  return text;
}

}  // namespace revenge::observe
