// Opening what lies inside a package and nothing else: no link is followed, nothing outside the folder is reached, no
// pipe or device is waited for. Thread safety: pure functions of the disk.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "module/descriptor.hpp"

namespace revenge::module {

base::Result<Descriptor> openFolder(const std::filesystem::path& path);

// openat2 with O_CLOEXEC that neither follows a link nor leaves `folder`; on failure empty, with errno.
Descriptor openBeneath(const Descriptor& folder, const char* name, int flags);

// Read-only. `shown` is how messages call the file.
base::Result<Descriptor> openRegular(const Descriptor& folder, const char* name,
                                     const std::filesystem::path& shown);

// The whole content, refused when it is longer than `maxBytes`.
base::Result<std::string> readWhole(const Descriptor& file, std::size_t maxBytes,
                                    const std::filesystem::path& shown);

}  // namespace revenge::module
