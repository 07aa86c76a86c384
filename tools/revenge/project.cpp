#include "revenge/project.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "document/json.hpp"

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

std::string member(const document::Value& object, std::string_view key) {
  const document::Value* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

}  // namespace

base::Result<std::string> readText(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::kNotFound, "{}: {}", file.string(), base::errnoText(errno));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool isConfigured(const Project& project) {
  std::error_code failed;
  return fs::exists(project.build / "CMakeCache.txt", failed);
}

std::vector<std::string> configureWords(const Project& project, const std::string& preset) {
  std::error_code failed;
  if (fs::exists(project.folder / "CMakePresets.json", failed)) return {"cmake", "--preset", preset};
  return {"cmake", "-S", project.folder.string(), "-B", project.build.string()};
}

std::vector<std::string> buildWords(const Project& project, const std::string& target) {
  std::vector<std::string> words{"cmake", "--build", project.build.string()};
  if (!target.empty()) words.insert(words.end(), {"--target", target});
  std::error_code failed;
  // Without what it says of each step, what remains is what compilers say.
  if (fs::exists(project.build / "build.ninja", failed)) words.insert(words.end(), {"--", "--quiet"});
  return words;
}

base::Result<Product> productOf(const Project& project) {
  std::error_code failed;
  for (fs::directory_iterator entry(project.build / "revenge-plugins", failed);
       !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const auto text = readText(entry->path());
    if (!text) continue;
    const auto said = document::parseJson(*text, entry->path().string());
    if (!said) return std::unexpected(said.error());
    std::error_code other;
    if (fs::equivalent(member(*said, "manifest"), project.folder / "plugin.json", other))
      return Product{member(*said, "id"), member(*said, "target"), member(*said, "package")};
  }
  return fail(Errc::kNotFound,
              "{}: no plugin is made of {} there; its CMakeLists.txt calls revenge_add_plugin(), and --build "
              "names its build tree",
              project.build.string(), (project.folder / "plugin.json").string());
}

}  // namespace revenge::author
