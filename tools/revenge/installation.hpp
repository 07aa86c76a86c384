// What belongs to this program: the installation it lies in, or the build tree. Thread safety: pure functions over the
// file system.
#pragma once

#include <filesystem>
#include <string>

namespace revenge::author {

struct Installation {
  std::filesystem::path host;             // the program `revenge`; empty: none
  std::filesystem::path plugin_template;  // of a new plugin; empty: none
  std::filesystem::path sdk;              // the prefix in which CMake finds RevengeSDK; empty: none
};

// `program` is this program's own file: PREFIX/libexec/revenge/revenge-new, or BUILD/bin/revenge-new.
Installation installationOf(const std::filesystem::path& program);
Installation thisInstallation();

}  // namespace revenge::author
