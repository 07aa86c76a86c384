#include "revenge-check/package.hpp"

#include <cstddef>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <revenge/abi/plugin.h>

#include "document/json.hpp"
#include "module/sha256.hpp"

namespace revenge::check {
namespace {

constexpr auto kProbeDeadline = std::chrono::seconds(5);

base::Result<module::ElfFacts> readLibrary(const module::Descriptor& file, const std::string& name) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return base::fail(base::Errc::kIo, "cannot read {}", name);
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  for (std::size_t at = 0; at < bytes.size();) {
    const auto got = ::pread(file.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got <= 0) return base::fail(base::Errc::kIo, "cannot read {}", name);
    at += static_cast<std::size_t>(got);
  }
  return module::readElf(bytes, name, REVENGE_PLUGIN_ENTRY);
}

}  // namespace

Package readPackage(const std::filesystem::path& folder, const module::PrivateStore& store,
                    const std::filesystem::path& program, const base::Clock& clock) {
  Package package;
  package.folder = folder;
  package.id = std::filesystem::absolute(folder / ".").lexically_normal().parent_path().filename().string();
  package.manifest = module::readManifest(folder, package.id);
  if (!package.manifest) return package;
  if (package.manifest->config)
    package.defaults = document::writeJson(package.manifest->config->withDefaults(document::Object()));

  for (auto& copy : package.copies) {
    auto made = store.copy(folder);
    if (!made) {
      package.copied = std::unexpected(made.error());
      return package;
    }
    copy = std::move(*made);
  }
  package.copied = {};

  const auto file = package.copies[0].open(package.manifest->library);
  if (!file) {
    package.copied = base::fail(file.error().code, "the package holds no file {}", package.manifest->library);
    return package;
  }
  if (auto hash = module::Sha256::ofDescriptor(file->get())) package.sha256 = std::move(*hash);
  package.elf = readLibrary(*file, package.manifest->library);
  if (!package.elf) return package;
  const auto verdict =
      module::judge(*package.elf, module::HostFacts::ofThisProcess(), package.manifest->library);
  if (verdict.grade == module::Grade::kRefused) {
    package.probe = base::fail(base::Errc::kRefused, "no host loads it: see the rows above");
    return package;
  }
  package.probe = module::Probe(program, clock).run(package.library(0), kProbeDeadline);
  return package;
}

}  // namespace revenge::check
