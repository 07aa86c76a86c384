// HostFacts::ofThisProcess: what the libraries already in this process define.
#include <cstring>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "module/elf_verdict.hpp"
#include "observe/build_id.hpp"

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

int visit(dl_phdr_info* info, std::size_t, void* out) {
  auto& facts = *static_cast<HostFacts*>(out);
  const std::string_view path = info->dlpi_name != nullptr ? info->dlpi_name : "";
  if (path.empty()) {  // the program itself comes first
    observe::BuildIdText text{};
    facts.buildId = observe::buildIdOf(*info, text);
    return 0;
  }
  if (path.find('/') == path.npos) return 0;  // the vdso
  const auto library = readDynamic(*info);
  if (library.strings == nullptr) return 0;
  const std::string soname =
      library.soname != 0 ? library.strings + library.soname : std::string(path.substr(path.rfind('/') + 1));
  facts.loaded.insert(soname);
  if (library.definitions == nullptr) return 0;
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
  facts.undefinedSanitizer = ::dlsym(RTLD_DEFAULT, "__ubsan_handle_type_mismatch_v1") != nullptr;
  return facts;
}

}  // namespace revenge::module
