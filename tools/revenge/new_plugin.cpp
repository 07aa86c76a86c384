#include "revenge/new_plugin.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "revenge/plugin_name.hpp"

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

base::Result<> write(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return {};
  return fail(Errc::kIo, "{}: cannot be written: {}", file.string(), base::errnoText(errno));
}

// Where this machine has the SDK is no matter of the plugin's: the file is not to be checked in.
std::string sdkHint(const fs::path& sdk) {
  return "# Where `revenge new` found the SDK on this machine. Not to be checked in.\n"
         "list(APPEND CMAKE_PREFIX_PATH [==[" +
         sdk.string() + "]==])\n";
}

}  // namespace

base::Result<> makePlugin(const NewPlugin& plugin, const Installation& installation) {
  if (auto good = checkPluginName(plugin.name); !good) return good;
  if (installation.plugin_template.empty())
    return fail(Errc::kNotFound, "this installation has no template; install the SDK with cmake --install");
  std::error_code failed;
  if (fs::exists(plugin.folder, failed) && !fs::is_empty(plugin.folder, failed))
    return fail(Errc::kExists, "'{}' exists and is not empty", plugin.folder.string());
  fs::create_directories(plugin.folder, failed);
  if (failed) return fail(Errc::kIo, "'{}': {}", plugin.folder.string(), failed.message());
  for (const auto& entry : fs::directory_iterator(installation.plugin_template, failed)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (auto done = write(plugin.folder / entry.path().filename(), renamed(text, plugin.name)); !done)
      return done;
  }
  if (failed) return fail(Errc::kIo, "{}: {}", installation.plugin_template.string(), failed.message());
  if (installation.sdk.empty()) return {};
  return write(plugin.folder / "RevengeSDK.local.cmake", sdkHint(installation.sdk));
}

}  // namespace revenge::author
