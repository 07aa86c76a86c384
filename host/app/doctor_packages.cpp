// What stands in the plugin folders, as far as it can be told without running any of it.
#include <fstream>
#include <iterator>
#include <vector>

#include <fcntl.h>
#include <fmt/ranges.h>

#include "app/doctor_checks.hpp"
#include "base/unique_fd.hpp"
#include "document/value.hpp"
#include "module/elf_verdict.hpp"
#include "module/manifest.hpp"
#include "module/package_finder.hpp"
#include "module/sha256.hpp"

namespace revenge::app {

namespace {

namespace fs = std::filesystem;
using admin::Findings;
using admin::Grade;

base::Result<> judgeLibrary(const module::Manifest& manifest, const fs::path& folder) {
  const fs::path path = folder / manifest.library;
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return base::fail(base::Errc::kIo, "{}: {}", path.string(), base::errnoText(errno));
  if (manifest.sha256) {
    const auto hash = module::Sha256::ofDescriptor(file.get());
    if (!hash) return std::unexpected(hash.error());
    if (*hash != *manifest.sha256)
      return base::fail(base::Errc::kRefused, "{}: its sha256 is {}, plugin.json says {}", path.string(),
                        *hash, *manifest.sha256);
  }
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto facts =
      module::readElf(std::as_bytes(std::span(bytes)), manifest.library, "revenge_plugin_entry");
  if (!facts) return std::unexpected(facts.error());
  const auto verdict = module::judge(*facts, module::HostFacts::ofThisProcess(), manifest.library);
  if (verdict.grade != module::Grade::kRefused) return {};
  return base::fail(base::Errc::kRefused, "{}", fmt::join(verdict.reasons, "; "));
}

void checkPackage(Findings& findings, const module::Package& package, const config::Snapshot& values) {
  const std::string check = fmt::format("package {}", package.id);
  const auto add = [&](Grade grade, std::string text, std::string remedy) {
    findings.push_back({check, grade, std::move(text), std::move(remedy)});
  };
  if (package.shadowedBy) {
    return add(Grade::kWarning,
               fmt::format("{}: is not used: {} has the same id", package.folder.string(),
                           package.shadowedBy->string()),
               "remove one of them, or change the order of host.plugin_folders");
  }
  const auto manifest = module::readManifest(package.folder);
  if (!manifest)
    return add(Grade::kProblem, manifest.error().message, "mend the manifest, or install the package again");
  if (auto good = judgeLibrary(*manifest, package.folder); !good)
    return add(Grade::kProblem, good.error().message, "install the package again, built for this host");
  if (manifest->config) {
    if (const auto section = values.pluginUnder(package.id, *manifest->config); !section)
      return add(Grade::kProblem, fmt::format("{}", fmt::join(section.error(), "; ")),
                 "mend its section of the configuration");
  }
  add(Grade::kOk, fmt::format("{} in {}", manifest->version.text(), package.folder.string()), "");
}

}  // namespace

void checkPackages(Findings& findings, const config::Snapshot& values) {
  std::vector<fs::path> folders;
  for (const std::string& name : values.texts("/host/plugin_folders")) folders.push_back(fs::absolute(name));
  const auto found = module::findPackages(folders);
  for (const base::Error& problem : found.problems)
    findings.push_back({"host.plugin_folders", Grade::kWarning, problem.message,
                        "make the folder, or take it out of the list"});
  for (const module::Package& package : found.packages) checkPackage(findings, package, values);
  if (found.packages.empty())
    findings.push_back({"host.plugin_folders", Grade::kWarning, "there is no plugin in them",
                        "install one: the host serves nothing without"});
}

}  // namespace revenge::app
