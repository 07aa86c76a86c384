#include "module/loader.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/mman.h>
#include <sys/stat.h>

#include <revenge/abi/plugin.h>

#include "document/value.hpp"
#include "module/beneath.hpp"
#include "module/library.hpp"
#include "module/package_file.hpp"
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

// A package may have build metadata that its library knows nothing of.
bool isOf(std::string_view version, const Semver& packaged) {
  if (version == packaged.text()) return true;
  const auto own = Semver::parse(version);
  return own && own->build.empty() && *own == packaged;
}

Result<> compareIdentity(const Manifest& manifest, std::string_view id, std::string_view version) {
  if (id == manifest.id && isOf(version, manifest.version)) return {};
  return fail(Errc::kRefused, "{} says it is '{}' {}, plugin.json says '{}' {}; rebuild the package",
              manifest.library, id, version, manifest.id, manifest.version.text());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

// Before the folder is copied, which takes as long as it is large. What is wrong otherwise is told by whoever reads it.
Result<> checkManifestSize(const fs::path& folder) {
  std::error_code unknown;
  const auto manifest = folder / "plugin.json";
  if (!fs::is_regular_file(fs::symlink_status(manifest, unknown))) return {};
  const auto size = fs::file_size(manifest, unknown);
  if (unknown || size <= kMaxManifestBytes) return {};
  return fail(Errc::kLimit, "'{}' has {} bytes and is larger than {} bytes", manifest.string(), size,
              kMaxManifestBytes);
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
  if (auto small = checkManifestSize(folder); !small) return refused(expected, folder, small.error());
  auto copy = store_.copy(folder, options_.limits);
  if (!copy) return refused(expected, folder, copy.error());
  Candidate candidate{.manifest = {},
                      .folder = folder,
                      .sha256 = {},
                      .signature = {},
                      .verdict = {},
                      .resident = {},
                      .probed = false,
                      .copy = std::move(*copy)};
  if (auto read = readSigned(candidate, expected); !read) return refused(expected, folder, read.error());
  const auto library = folder / candidate.manifest.library;
  for (const auto step : {&Loader::checkHash, &Loader::checkFiles, &Loader::checkElf, &Loader::checkProbe}) {
    if (auto done = (this->*step)(candidate); !done) return refused(expected, library, done.error());
  }
  return candidate;
}

// The signature before anything that it covers is understood.
Result<> Loader::readSigned(Candidate& candidate, std::string_view id) const {
  const auto shown = candidate.folder / "plugin.json";
  const auto file = candidate.copy.open("plugin.json");
  if (!file) return fail(file.error().code, "'{}' does not exist or cannot be read", shown.string());
  const auto text = readWhole(*file, kMaxManifestBytes, shown);
  if (!text) return std::unexpected(text.error());
  std::optional<std::string> signature;
  if (const auto beside = candidate.copy.open(kSignatureFile)) {
    // One that is too long is cut, which no signature survives.
    auto read = readWhole(*beside, kMaxSignatureBytes, candidate.folder / kSignatureFile);
    signature = read ? std::move(*read) : std::string();
  }
  candidate.signature = judgeSignature(*text, signature, options_.trust.keys);
  const auto& verdict = candidate.signature;
  if (verdict.state != Signed::kTrusted && options_.trust.demandsSignature(candidate.folder))
    return fail(Errc::kRefused, "{}", verdict.refusal());
  auto manifest = parseManifest(*text, shown.string(), id);
  if (!manifest) return std::unexpected(manifest.error());
  candidate.manifest = std::move(*manifest);
  return {};
}

Result<> Loader::checkHash(Candidate& candidate) {
  const auto& manifest = candidate.manifest;
  const auto file = candidate.copy.open(manifest.library);
  if (!file) return fail(file.error().code, "the package holds no file {}", manifest.library);
  auto hash = Sha256::ofDescriptor(file->get());
  if (!hash) return std::unexpected(hash.error());
  candidate.sha256 = std::move(*hash);
  const bool demanded = options_.trust.demandsSignature(candidate.folder);
  if (!manifest.sha256 && (demanded || options_.hashes == HashPolicy::kRequired)) {
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

// Whatever else the package holds: where a signature is asked for, none of it may be beside what was signed.
Result<> Loader::checkFiles(Candidate& candidate) {
  const auto& manifest = candidate.manifest;
  if (!manifest.files && !options_.trust.demandsSignature(candidate.folder)) return {};
  const auto listed = manifest.files.value_or(std::map<std::string, std::string, std::less<>>());
  auto names = filesOf(candidate.copy.folder());
  if (!names) return std::unexpected(names.error());
  for (const std::string_view own :
       {std::string_view("plugin.json"), kSignatureFile, std::string_view(manifest.library)})
    names->erase(std::string(own));
  for (const auto& name : *names) {
    const auto found = listed.find(name);
    if (found == listed.end()) {
      return fail(Errc::kRefused, "plugin.json names no sha256 of {} (files); revenge pack writes it",
                  document::printable(name));
    }
    const auto file = candidate.copy.open(name);
    const auto hash = file ? Sha256::ofDescriptor(file->get()) : std::unexpected(file.error());
    if (!hash) return std::unexpected(hash.error());
    if (*hash != found->second) {
      return fail(Errc::kRefused, "plugin.json names sha256 {} of {}, which has {}; the file was altered",
                  found->second, document::printable(name), *hash);
    }
  }
  for (const auto& [name, hash] : listed) {
    if (!names->contains(name))
      return fail(Errc::kRefused, "the package holds no file {}, which plugin.json names",
                  document::printable(name));
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
