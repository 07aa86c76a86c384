#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/replace_file.hpp"
#include "module/sha256.hpp"
#include "module/signature.hpp"
#include "revenge/package_build.hpp"

namespace {

namespace fs = std::filesystem;
using revenge::base::Result;

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

constexpr std::string_view kHelp = R"(revenge pack: the folder of a plugin as one file

usage: revenge pack DIR [--sign KEYFILE] [-o FILE]

DIR is what a build makes: plugin.json, the library, further files. FILE (default: ./ID-VERSION.revenge) is what
revengectl install takes; the same folder gives the same bytes. plugin.json is packed with the hashes of everything.
  --sign KEYFILE   sign it with that secret key of minisign (minisign -G makes one); a plugin.json.minisig in DIR is
                   replaced

exit codes: 0 packed, 1 refused or failed, 2 wrong command line
)";

struct Asked {
  fs::path folder;
  std::optional<fs::path> key;
  std::optional<fs::path> file;
};

int usage(std::string_view word, std::string_view why) {
  std::fprintf(stderr, "revenge pack: '%.*s': %.*s; revenge pack --help\n", static_cast<int>(word.size()),
               word.data(), static_cast<int>(why.size()), why.data());
  return kBadUsage;
}

int failed(const revenge::base::Error& error) {
  std::fprintf(stderr, "revenge pack: %s\n", error.message.c_str());
  return kFailed;
}

// What stands beside the folder's own files: the manifest with its hashes, and its signature.
Result<revenge::module::Instead> insteadOf(const Asked& asked, const revenge::author::PackageBuild& build) {
  using revenge::module::kSignatureFile;
  revenge::module::Instead instead;
  instead.emplace("plugin.json", build.text);
  if (asked.key) {
    auto signature = revenge::author::signManifest(build, *asked.key);
    if (!signature) return std::unexpected(signature.error());
    instead.emplace(kSignatureFile, std::move(*signature));
    return instead;
  }
  std::error_code unknown;
  if (fs::exists(asked.folder / kSignatureFile, unknown) && build.completed) {
    return revenge::base::fail(revenge::base::Errc::kInvalid,
                               "{}: signs a plugin.json without the hashes; sign with --sign",
                               (asked.folder / kSignatureFile).string());
  }
  return instead;
}

int pack(const Asked& asked) {
  const auto build = revenge::author::buildPackage(asked.folder);
  if (!build) return failed(build.error());
  const auto instead = insteadOf(asked, *build);
  if (!instead) return failed(instead.error());
  std::string packed;
  const auto done =
      revenge::module::packFolder(asked.folder, *instead, [&packed](std::string_view piece) -> Result<> {
        packed += piece;
        return {};
      });
  if (!done) return failed(done.error());
  const fs::path file = asked.file.value_or(fmt::format(
      "{}-{}{}", build->manifest.id, build->manifest.version.text(), revenge::module::kPackageSuffix));
  constexpr mode_t kMode = 0644;
  if (auto written = revenge::base::replaceFile(file, packed, kMode); !written)
    return failed(written.error());
  revenge::module::Sha256 hash;
  hash.update(std::as_bytes(std::span(packed)));
  for (const std::string& warning : build->warnings)
    std::fprintf(stderr, "revenge pack: note: %s\n", warning.c_str());
  std::printf("%s  %s\n", revenge::module::Sha256::hex(hash.finish()).c_str(), file.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  Asked asked;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--help" || word == "-h")
      return std::fwrite(kHelp.data(), 1, kHelp.size(), stdout) < kHelp.size() ? kFailed : 0;
    if (word == "--sign" || word == "-o") {
      if (i + 1 == words.size()) return usage(word, "a file is missing");
      (word == "-o" ? asked.file : asked.key) = words[++i];
    } else if (word.starts_with('-')) {
      return usage(word, "unknown option");
    } else if (!asked.folder.empty()) {
      return usage(word, "expected one folder");
    } else {
      asked.folder = word;
    }
  }
  if (asked.folder.empty()) return usage("", "expected the folder of a plugin");
  return pack(asked);
}
