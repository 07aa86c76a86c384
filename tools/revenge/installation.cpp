#include "revenge/installation.hpp"

#include <system_error>

namespace revenge::author {

namespace {

namespace fs = std::filesystem;

fs::path ifThere(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed) ? path : fs::path();
}

}  // namespace

Installation installationOf(const fs::path& program) {
  const fs::path here = program.parent_path();
  const bool built = here.filename() == "bin";
  const fs::path prefix = built ? here.parent_path() : here.parent_path().parent_path();
  Installation found;
  found.host = ifThere(prefix / "bin" / "revenge");
  if (!ifThere(prefix / "share" / "revenge" / "template" / "plugin.json").empty())
    found.plugin_template = prefix / "share" / "revenge" / "template";
  if (!ifThere(prefix / "lib" / "cmake" / "RevengeSDK" / "RevengeSDKConfig.cmake").empty())
    found.sdk = prefix;
  return found;
}

Installation thisInstallation() {
  std::error_code failed;
  return installationOf(fs::read_symlink("/proc/self/exe", failed));
}

}  // namespace revenge::author
