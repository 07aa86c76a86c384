// The history of configurations as a start finds it, and the mount table of the kernel: neither stops it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "config/history.hpp"
#include "config/mounts.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "revenge-fuzz-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "a folder");
    static const std::string path = pattern;
    std::atexit([] { std::filesystem::remove_all(path); });
    return path;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::filesystem::path file = folder() / "history.json";
  std::ofstream(file, std::ios::binary) << text;
  const config::Places places{"/c/revenge.yaml", config::Need::kRequired, {}};
  std::uint64_t before = 0;
  {
    config::History history(file);
    before = history.number();
    for (const config::Kept& kept : history.kept()) {
      for (const config::Source& source : config::sourcesOf(kept.files, places)) {
        const std::filesystem::path path = std::filesystem::path(source.path).lexically_normal();
        const bool beside = path == "/c/revenge.yaml" || path == "/c/revenge.local.yaml";
        require(beside || path.parent_path() == "/c/revenge.d",
                "a file of the history lies where configurations do");
      }
    }
    require(history.record({}, "fuzz", {}, {}) == before + 1, "numbers grow");
    require(history.kept().size() <= config::History::kKept + 1 || before > 0, "and not too many are kept");
  }
  const config::History again(file);
  require(again.trouble().empty() && again.number() == before + 1, "what is written is read back");
  const std::vector<std::string> paths{file.string()};
  (void)config::mountedAlone(text, paths);
  return 0;
}
