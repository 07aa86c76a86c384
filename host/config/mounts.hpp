// Files that are mounted by themselves, as a container does it with `-v file:file` or a subPath: what replaces such a file
// outside by rename is never seen inside. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::config {

// Of `paths`, those that are mount points and no folders, by the text of /proc/self/mountinfo.
std::vector<std::string> mountedAlone(std::string_view mountinfo, std::span<const std::string> paths);
// The same for this process now; nothing where the kernel does not say.
std::vector<std::string> mountedAlone(std::span<const std::string> paths);

}  // namespace revenge::config
