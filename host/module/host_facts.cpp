// HostFacts::ofThisProcess: what the libraries already in this process define.
#include <cstring>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "module/elf_verdict.hpp"

namespace revenge::module {
namespace {

// The dynamic section of a mapped library. Of the addresses in it glibc relocates those it uses itself and leaves the
// others (DT_VERDEF) relative to the base.
struct Dynamic {
  const char* strings = nullptr;
  const char* definitions = nullptr;
  std::uint64_t count = 0;
  std::uint64_t soname = 0;
};

const char* absolute(const dl_phdr_info& info, ElfW(Addr) address) {
  return reinterpret_cast<const char*>(address < info.dlpi_addr ? info.dlpi_addr + address : address);
}

Dynamic readDynamic(const dl_phdr_info& info) {
  Dynamic result;
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    if (info.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(info.dlpi_addr + info.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_STRTAB) result.strings = absolute(info, entry->d_un.d_ptr);
      if (entry->d_tag == DT_VERDEF) result.definitions = absolute(info, entry->d_un.d_ptr);
      if (entry->d_tag == DT_VERDEFNUM) result.count = entry->d_un.d_val;
      if (entry->d_tag == DT_SONAME) result.soname = entry->d_un.d_val;
    }
  }
  return result;
}

void addVersions(const Dynamic& library, std::set<std::string>& versions) {
  const char* at = library.definitions;
  for (std::uint64_t i = 0; i < library.count; ++i) {
    ElfW(Verdef) definition;
    ElfW(Verdaux) name;
    std::memcpy(&definition, at, sizeof(definition));
    std::memcpy(&name, at + definition.vd_aux, sizeof(name));
    if ((definition.vd_flags & VER_FLG_BASE) == 0) versions.insert(library.strings + name.vda_name);
    if (definition.vd_next == 0) return;
    at += definition.vd_next;
  }
}

std::string buildIdOf(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& segment = info.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const unsigned char*>(info.dlpi_addr + segment.p_vaddr);
    const auto* end = at + segment.p_memsz;
    const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof(note));
      const auto* content = at + sizeof(note) + padded(note.n_namesz);
      if (note.n_type == NT_GNU_BUILD_ID) {
        std::string text;
        for (std::size_t k = 0; k < note.n_descsz; ++k) text += fmt::format("{:02x}", content[k]);
        return text;
      }
      at = content + padded(note.n_descsz);
    }
  }
  return {};
}

int visit(dl_phdr_info* info, std::size_t, void* out) {
  auto& facts = *static_cast<HostFacts*>(out);
  const std::string_view path = info->dlpi_name != nullptr ? info->dlpi_name : "";
  if (path.empty()) {  // the program itself comes first
    facts.buildId = buildIdOf(*info);
    return 0;
  }
  if (path.find('/') == path.npos) return 0;  // the vdso
  const auto library = readDynamic(*info);
  if (library.strings == nullptr || library.definitions == nullptr) return 0;
  const std::string soname =
      library.soname != 0 ? library.strings + library.soname : std::string(path.substr(path.rfind('/') + 1));
  addVersions(library, facts.versions[soname]);
  return 0;
}

}  // namespace

HostFacts HostFacts::ofThisProcess() {
  HostFacts facts;
#if defined(__x86_64__)
  facts.machine = EM_X86_64;
#elif defined(__aarch64__)
  facts.machine = EM_AARCH64;
#else
#error "name the machine of this host"
#endif
  ::dl_iterate_phdr(&visit, &facts);
  facts.addressSanitizer = ::dlsym(RTLD_DEFAULT, "__asan_init") != nullptr;
  facts.threadSanitizer = ::dlsym(RTLD_DEFAULT, "__tsan_init") != nullptr;
  return facts;
}

}  // namespace revenge::module
