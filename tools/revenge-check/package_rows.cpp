// Rows that read and do not run: manifest, files, headers. What the host's verdict says about one property alone.
#include <algorithm>
#include <fstream>
#include <map>

#include <elf.h>
#include <fmt/format.h>

#include "document/schema.hpp"
#include "module/elf_verdict.hpp"
#include "module/library.hpp"
#include "revenge-check/row.hpp"

namespace revenge::check {
namespace {

// Headers with nothing wrong, to which a row adds what it looks at.
module::ElfFacts plain(const Work& work) {
  module::ElfFacts facts;
  facts.machine = work.package.elf->machine;
  facts.osAbi = work.package.elf->osAbi;
  facts.entry = STT_FUNC;
  return facts;
}

void judge(Work& work, const module::ElfFacts& facts) {
  auto host = module::HostFacts::ofThisProcess();
  host.machine = facts.machine;
  const auto verdict = module::judge(facts, host, work.package.manifest->library);
  for (const auto& reason : verdict.reasons) work.journal.found(reason);
  for (const auto& warning : verdict.warnings) work.journal.found(warning);
}

void lines(Journal& journal, std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (!line.empty()) journal.found(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

// Lines of /proc/self/status, and how the probe calls a change of them.
constexpr std::pair<std::string_view, std::string_view> kSettings[] = {{"Umask", "the umask from"},
                                                                       {"SigCgt", "the handled signals from"},
                                                                       {"SigIgn", "the ignored signals from"},
                                                                       {"SigBlk", "the blocked signals of"}};

std::map<std::string, std::string, std::less<>> statusLines() {
  std::map<std::string, std::string, std::less<>> lines;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (const auto colon = line.find(':'); colon != std::string::npos)
      lines[line.substr(0, colon)] = line.substr(colon);
  return lines;
}

bool readable(Work& work) {
  if (work.package.elf) return true;
  work.journal.found(work.package.elf.error().message);
  return false;
}

}  // namespace

void manifestValid(Work& work) {
  if (!work.package.manifest) lines(work.journal, work.package.manifest.error().message);
}

void manifestDefaults(Work& work) {
  const auto& schema = work.package.manifest->config;
  if (!schema) return;
  for (const auto& violation : schema->validate(schema->withDefaults(document::Object())))
    work.journal.found(
        fmt::format("{}: {}", violation.pointer.empty() ? "/" : violation.pointer, violation.message));
}

void manifestDescribed(Work& work) {
  const auto& schema = work.package.manifest->config;
  if (!schema) return;
  for (const auto& key : document::describeKeys(*schema))
    if (key.description.empty() && !key.section && !key.path.ends_with('>') && !key.path.ends_with(']'))
      work.journal.found(fmt::format("{} has no description", key.path));
}

void packageFiles(Work& work) {
  if (!work.package.copied) return work.journal.found(work.package.copied.error().message);
  const auto& manifest = *work.package.manifest;
  if (manifest.sha256 && *manifest.sha256 != work.package.sha256) {
    work.journal.found(fmt::format("plugin.json names sha256 {}, {} has {}", *manifest.sha256,
                                   manifest.library, work.package.sha256));
  }
  readable(work);
}

void symbolsEntry(Work& work) {
  auto facts = plain(work);
  facts.entry = work.package.elf->entry;
  judge(work, facts);
}

void symbolsOnlyEntry(Work& work) {
  auto facts = plain(work);
  facts.exported = work.package.elf->exported;
  judge(work, facts);
}

void symbolsUnique(Work& work) {
  auto facts = plain(work);
  facts.unique = work.package.elf->unique;
  judge(work, facts);
}

void symbolsImports(Work& work) {
  auto facts = plain(work);
  facts.undefined = work.package.elf->undefined;
  std::erase_if(facts.undefined, [](const std::string& name) { return name.ends_with("san_init"); });
  judge(work, facts);
}

void elfSystem(Work& work) {
  module::ElfFacts facts;
  facts.machine = work.package.elf->machine;
  facts.osAbi = work.package.elf->osAbi;
  facts.entry = STT_FUNC;
  facts.versions = work.package.elf->versions;
  for (const std::string_view name : {"__asan_init", "__tsan_init"})
    if (std::ranges::find(work.package.elf->undefined, name) != work.package.elf->undefined.end())
      facts.undefined.emplace_back(name);
  const auto verdict =
      module::judge(facts, module::HostFacts::ofThisProcess(), work.package.manifest->library);
  for (const auto& reason : verdict.reasons) work.journal.found(reason);
}

void elfLibraries(Work& work) {
  auto facts = plain(work);
  facts.needed = work.package.elf->needed;
  judge(work, facts);
}

void elfSearchPaths(Work& work) {
  auto facts = plain(work);
  facts.rpath = work.package.elf->rpath;
  facts.audit = work.package.elf->audit;
  facts.filter = work.package.elf->filter;
  judge(work, facts);
}

void elfMapping(Work& work) {
  auto facts = plain(work);
  facts.executableStack = work.package.elf->executableStack;
  facts.textRelocations = work.package.elf->textRelocations;
  facts.staticTls = work.package.elf->staticTls;
  facts.noDelete = work.package.elf->noDelete;
  facts.noOpen = work.package.elf->noOpen;
  facts.indirect = work.package.elf->indirect;
  judge(work, facts);
}

void loadProbe(Work& work) {
  const auto& probe = work.package.probe;
  if (probe) return;
  if (probe.error().code == base::Errc::kRefused) return work.journal.notRun(probe.error().message);
  work.journal.found(probe.error().message);
}

void loadIdentity(Work& work) {
  const auto& manifest = *work.package.manifest;
  const auto& report = *work.package.probe;
  if (report.id == manifest.id && report.version == manifest.version.text()) return;
  work.journal.found(fmt::format("{} says it is '{}' {}, plugin.json says '{}' {}", manifest.library,
                                 report.id, report.version, manifest.id, manifest.version.text()));
}

// Of the libraries that a host keeps for good, which it loads first: what they change is not the plugin's doing.
void loadSettings(Work& work) {
  const auto before = statusLines();
  for (const auto& needed : work.package.elf->needed)
    if (const auto* allowed = module::findAllowed(needed); allowed != nullptr && allowed->resident)
      static_cast<void>(module::keepResident(needed));
  const auto after = statusLines();
  for (const auto& change : work.package.probe->changes) {
    const bool theirs = std::ranges::any_of(kSettings, [&](const auto& setting) {
      return before.find(setting.first)->second != after.find(setting.first)->second &&
             change.contains(setting.second);
    });
    if (!theirs) work.journal.found(change);
  }
}

void loadUnload(Work& work) {
  if (!work.package.probe->unmaps) work.journal.found(work.package.probe->whyNot);
}

}  // namespace revenge::check
