#include <cstdio>
#include <string>
#include <vector>

#include "revenge/new_plugin.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

constexpr const char* kHelp = R"(revenge new: a plugin that builds and passes its own tests

usage: revenge new NAME [FOLDER]
       revenge new --help

Makes FOLDER (default: ./NAME) with a route, a typed configuration, a metric and unit tests on a fake host.
NAME has lower-case letters, digits and '-'.

exit codes: 0 made, 1 could not be made, 2 wrong command line
)";

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  for (const std::string& word : words) {
    if (word == "--help") return std::fputs(kHelp, stdout) < 0 ? kFailed : 0;
    if (!word.starts_with('-')) continue;
    std::fprintf(stderr, "revenge new: '%s': unknown option; revenge new --help\n", word.c_str());
    return kBadUsage;
  }
  if (words.empty() || words.size() > 2) {
    std::fputs("revenge new: expected: revenge new NAME [FOLDER]\n", stderr);
    return kBadUsage;
  }
  const revenge::author::NewPlugin plugin{words.front(), words.back()};
  const auto installation = revenge::author::thisInstallation();
  if (const auto made = makePlugin(plugin, installation); !made) {
    std::fprintf(stderr, "revenge new: %s\n", made.error().message.c_str());
    return made.error().code == revenge::base::Errc::kInvalid ? kBadUsage : kFailed;
  }
  const std::string folder = plugin.folder.string();
  std::printf("%s: plugin '%s'\n  cd %s && cmake --preset dev && ctest --preset dev\n", folder.c_str(),
              plugin.name.c_str(), folder.c_str());
  std::puts("  revenge dev    builds whenever you save, and swaps it into the running host");
  if (installation.sdk.empty())
    std::puts(
        "  no SDK is installed beside this program: add -DCMAKE_PREFIX_PATH=PREFIX to the first command");
  return 0;
}
