#include "revenge/package_build.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <revenge/abi/plugin.h>

#include "base/unique_fd.hpp"
#include "document/json.hpp"
#include "module/beneath.hpp"
#include "module/elf_verdict.hpp"
#include "module/sha256.hpp"
#include "module/signature.hpp"

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using base::Result;

constexpr std::string_view kManifest = "plugin.json";

Result<std::string> readText(const fs::path& folder, std::string_view name) {
  const auto opened = module::openFolder(folder);
  if (!opened) return std::unexpected(opened.error());
  const auto file = module::openRegular(*opened, std::string(name).c_str(), folder / name);
  if (!file) return std::unexpected(file.error());
  return module::readWhole(*file, module::kMaxManifestBytes, folder / name);
}

Result<std::string> hashOf(const fs::path& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return fail(Errc::kIo, "{}: {}", path.string(), base::errnoText(errno));
  auto hash = module::Sha256::ofDescriptor(file.get());
  if (!hash) return fail(Errc::kIo, "{}: {}", path.string(), hash.error().message);
  return hash;
}

Result<> judgeLibrary(const fs::path& path, PackageBuild& build) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto facts =
      module::readElf(std::as_bytes(std::span(bytes)), build.manifest.library, REVENGE_PLUGIN_ENTRY);
  if (!facts) return fail(facts.error().code, "{}: {}", path.string(), facts.error().message);
  auto verdict = module::judge(*facts, module::HostFacts::ofThisProcess(), build.manifest.library);
  if (verdict.grade == module::Grade::kRefused)
    return fail(Errc::kRefused, "{}: {}", path.string(), fmt::join(verdict.reasons, "; "));
  build.warnings = std::move(verdict.warnings);
  if (verdict.grade == module::Grade::kRetired)
    build.warnings.push_back(fmt::format("it will not unload: {}", fmt::join(verdict.reasons, "; ")));
  return {};
}

// A folder below that of temporary files, gone with this object.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::error_code failed;
    std::string name = (fs::temp_directory_path(failed) / "revenge-pack-XXXXXX").string();
    if (failed || ::mkdtemp(name.data()) == nullptr)
      return fail(Errc::kIo, "no temporary folder: {}", base::errnoText(errno));
    Scratch made;
    made.folder_ = std::move(name);
    return made;
  }
  Scratch(Scratch&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const { return folder_; }

 private:
  Scratch() = default;
  fs::path folder_;
};

Result<> runMinisign(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // It tells on standard output what it did, which is this program's to say.
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return fail(Errc::kNotFound, "minisign: {}; install it (Debian: the package minisign)",
                base::errnoText(failed));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail(Errc::kIo, "minisign: {}", base::errnoText(errno));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Errc::kFailed, "minisign did not sign; its own words stand above");
}

}  // namespace

std::string withHashes(std::string_view manifest, const std::optional<std::string>& library,
                       const std::optional<module::Instead>& files) {
  std::string added;
  if (library) added += fmt::format("\n  \"sha256\": \"{}\",", *library);
  if (files) {
    added += "\n  \"files\": {";
    bool first = true;
    for (const auto& [name, hash] : *files) {
      added += fmt::format("{}\n    {}: \"{}\"", std::exchange(first, false) ? "" : ",",
                           document::writeJson(document::Value(name)), hash);
    }
    added += "\n  },";
  }
  std::string text(manifest);
  text.insert(text.find('{') + 1, added);
  return text;
}

Result<PackageBuild> buildPackage(const fs::path& folder) {
  const auto text = readText(folder, kManifest);
  if (!text) return std::unexpected(text.error());
  const std::string shown = (folder / kManifest).string();
  const auto document = document::parseJson(*text, shown);
  if (!document) return std::unexpected(document.error());
  const auto* const id = document->find("id");
  auto manifest =
      module::parseManifest(*text, shown, id != nullptr && id->text() != nullptr ? *id->text() : "");
  if (!manifest) return std::unexpected(manifest.error());
  PackageBuild build{std::move(*manifest), {}, false, {}};

  auto names = module::filesOf(folder);
  if (!names) return std::unexpected(names.error());
  if (!names->contains(build.manifest.library))
    return fail(Errc::kNotFound, "{}: the folder holds no {}, the library of the plugin", folder.string(),
                build.manifest.library);
  const auto library = hashOf(folder / build.manifest.library);
  if (!library) return std::unexpected(library.error());
  if (build.manifest.sha256 && *build.manifest.sha256 != *library) {
    return fail(Errc::kInvalid, "{}: names sha256 {}, {} has {}; build the package again", shown,
                *build.manifest.sha256, build.manifest.library, *library);
  }
  for (const std::string_view own :
       {kManifest, module::kSignatureFile, std::string_view(build.manifest.library)})
    names->erase(std::string(own));
  module::Instead further;
  for (const std::string& name : *names) {
    auto hash = hashOf(folder / name);
    if (!hash) return std::unexpected(hash.error());
    further.emplace(name, std::move(*hash));
  }
  if (build.manifest.files && *build.manifest.files != further) {
    return fail(Errc::kInvalid,
                "{}: files: the further files of the folder, or their hashes, are others; take the key out",
                shown);
  }
  const bool lists = build.manifest.files || further.empty();
  build.text = withHashes(*text, build.manifest.sha256 ? std::nullopt : std::optional(*library),
                          lists ? std::nullopt : std::optional(further));
  build.completed = build.text != *text;
  if (auto judged = judgeLibrary(folder / build.manifest.library, build); !judged)
    return std::unexpected(judged.error());
  return build;
}

Result<std::string> signManifest(const PackageBuild& build, const fs::path& key) {
  auto scratch = Scratch::make();
  if (!scratch) return std::unexpected(scratch.error());
  const fs::path manifest = scratch->folder() / kManifest;
  const fs::path signature = scratch->folder() / module::kSignatureFile;
  std::ofstream out(manifest, std::ios::binary);
  out.write(build.text.data(), static_cast<std::streamsize>(build.text.size()));
  out.close();
  if (!out) return fail(Errc::kIo, "{}: cannot be written", manifest.string());
  const std::string comment = fmt::format("{} {}", build.manifest.id, build.manifest.version.text());
  if (auto done = runMinisign({"minisign", "-S", "-s", key.string(), "-m", manifest.string(), "-x",
                               signature.string(), "-t", comment, "-c", "signature of a Revenge package"});
      !done) {
    return std::unexpected(done.error());
  }
  return readText(scratch->folder(), module::kSignatureFile);
}

}  // namespace revenge::author
