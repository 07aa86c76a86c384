#include "module/loader.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/mman.h>
#include <sys/stat.h>

#include <revenge/abi/plugin.h>

#include "module/beneath.hpp"
#include "module/library.hpp"
#include "module/sha256.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::errnoText;
using base::Error;
using base::fail;
using base::Result;

std::unexpected<Error> refused(std::string_view id, const fs::path& where, const Error& error) {
  return fail(error.code, "plugin '{}' refused: {} ({})", id, error.message, where.string());
}

// The private copy cannot be truncated under the mapping: nobody else can write to it.
Result<ElfFacts> readElfFile(const Descriptor& file, const std::string& name) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail(Errc::kIo, "cannot read {}: {}", name, errnoText(errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return readElf({}, name, REVENGE_PLUGIN_ENTRY);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (bytes == MAP_FAILED) return fail(Errc::kIo, "cannot read {}: {}", name, errnoText(errno));
  auto facts = readElf({static_cast<const std::byte*>(bytes), size}, name, REVENGE_PLUGIN_ENTRY);
  ::munmap(bytes, size);
  return facts;
}

Result<> compareIdentity(const Manifest& manifest, std::string_view id, std::string_view version) {
  if (id == manifest.id && version == manifest.version.text()) return {};
  return fail(Errc::kRefused, "{} says it is '{}' {}, plugin.json says '{}' {}; rebuild the package",
              manifest.library, id, version, manifest.id, manifest.version.text());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

void addProbe(Verdict& verdict, const ProbeReport& report) {
  verdict.warnings.insert(verdict.warnings.end(), report.changes.begin(), report.changes.end());
  if (report.unmaps || verdict.grade != Grade::kUnloadable) return;
  verdict.grade = Grade::kRetired;
  verdict.reasons = {report.whyNot};
}

}  // namespace

Result<std::unique_ptr<Loader>> Loader::make(LoaderOptions options, const base::Clock& clock) {
  auto store = PrivateStore::open(options.privateFolder);
  if (!store) return std::unexpected(store.error());
  std::error_code error;
  fs::create_directories(options.stateFolder, error);
  if (error)
    return fail(Errc::kIo, "cannot make folder '{}': {}", options.stateFolder.string(), error.message());
  return std::unique_ptr<Loader>(new Loader(std::move(options), clock, std::move(*store)));
}

Loader::Loader(LoaderOptions options, const base::Clock& clock, PrivateStore store)
    : options_(std::move(options)),
      host_(HostFacts::ofThisProcess()),
      store_(std::move(store)),
      probe_(options_.hostProgram, clock),
      cache_(options_.stateFolder / "probe-cache.json", host_.buildId) {
  host_.allowedLibraries.insert(options_.allowedLibraries.begin(), options_.allowedLibraries.end());
}

Result<Candidate> Loader::examine(const fs::path& folder, std::string_view id) {
  const auto name = fs::absolute(folder / ".").lexically_normal().parent_path().filename().string();
  const std::string expected(id.empty() ? name : id);
  auto copy = store_.copy(folder, options_.limits);
  if (!copy) return refused(expected, folder, copy.error());
  auto manifest = readCopiedManifest(*copy, folder, expected);
  if (!manifest) return refused(expected, folder, manifest.error());
  Candidate candidate{.manifest = std::move(*manifest),
                      .folder = folder,
                      .sha256 = {},
                      .verdict = {},
                      .resident = {},
                      .probed = false,
                      .copy = std::move(*copy)};
  const auto library = folder / candidate.manifest.library;
  for (const auto step : {&Loader::checkHash, &Loader::checkElf, &Loader::checkProbe}) {
    if (auto done = (this->*step)(candidate); !done) return refused(expected, library, done.error());
  }
  return candidate;
}

Result<Manifest> Loader::readCopiedManifest(const PrivateCopy& copy, const fs::path& folder,
                                            std::string_view id) const {
  const auto shown = folder / "plugin.json";
  const auto file = copy.open("plugin.json");
  if (!file) return fail(file.error().code, "'{}' does not exist or cannot be read", shown.string());
  const auto text = readWhole(*file, kMaxManifestBytes, shown);
  if (!text) return std::unexpected(text.error());
  return parseManifest(*text, shown.string(), id);
}

Result<> Loader::checkHash(Candidate& candidate) {
  const auto& manifest = candidate.manifest;
  const auto file = candidate.copy.open(manifest.library);
  if (!file) return fail(file.error().code, "the package holds no file {}", manifest.library);
  auto hash = Sha256::ofDescriptor(file->get());
  if (!hash) return std::unexpected(hash.error());
  candidate.sha256 = std::move(*hash);
  if (!manifest.sha256 && options_.hashes == HashPolicy::kRequired) {
    return fail(Errc::kRefused, "plugin.json names no sha256, and this host requires one; it would be {}",
                candidate.sha256);
  }
  if (manifest.sha256 && *manifest.sha256 != candidate.sha256) {
    return fail(Errc::kRefused,
                "plugin.json names sha256 {}, {} has {}; the file was altered or the package not finished",
                *manifest.sha256, manifest.library, candidate.sha256);
  }
  return {};
}

Result<> Loader::checkElf(Candidate& candidate) {
  const auto file = candidate.copy.open(candidate.manifest.library);
  if (!file) return std::unexpected(file.error());
  const auto facts = readElfFile(*file, candidate.manifest.library);
  if (!facts) return std::unexpected(facts.error());
  candidate.verdict = judge(*facts, host_, candidate.manifest.library);
  if (candidate.verdict.grade == Grade::kRefused)
    return fail(Errc::kRefused, "{}", joined(candidate.verdict.reasons));
  for (const auto& library : facts->needed) {
    const auto* allowed = findAllowed(library);
    if (allowed == nullptr ? host_.allowedLibraries.contains(library) : allowed->resident) {
      candidate.resident.push_back(library);
    }
  }
  if (candidate.manifest.abi != REVENGE_ABI_GENERATION) {
    return fail(Errc::kRefused, "plugin.json asks for ABI generation {}, this host offers {} (host {})",
                candidate.manifest.abi, REVENGE_ABI_GENERATION, REVENGE_VERSION_STRING);
  }
  return {};
}

Result<> Loader::checkProbe(Candidate& candidate) {
  auto report = cache_.find(candidate.sha256);
  if (!report) {
    auto probed = probe_.run(candidate.copy.folder() / candidate.manifest.library, options_.probeDeadline);
    if (!probed) return std::unexpected(probed.error());
    candidate.probed = true;
    // A cache that cannot be written only costs the next start a probe.
    if (auto kept = cache_.keep(candidate.sha256, *probed); !kept) {
      candidate.verdict.warnings.push_back(kept.error().message);
    }
    report = std::move(*probed);
  }
  addProbe(candidate.verdict, *report);
  return compareIdentity(candidate.manifest, report->id, report->version);
}

Result<std::unique_ptr<Image>> Loader::load(Candidate candidate) {
  const auto& manifest = candidate.manifest;
  const auto where = candidate.folder / manifest.library;
  for (const auto& library : candidate.resident) {
    if (auto kept = keepResident(library); !kept) return refused(manifest.id, where, kept.error());
  }
  auto image = Image::load(std::move(candidate.copy), manifest.library, std::move(candidate.verdict));
  if (!image) return refused(manifest.id, where, image.error());
  const auto& descriptor = (*image)->descriptor();
  if (auto same = compareIdentity(manifest, descriptor.id, descriptor.version); !same) {
    (*image)->unload({});
    return refused(manifest.id, where, same.error());
  }
  return image;
}

}  // namespace revenge::module
