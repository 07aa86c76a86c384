#include "module/elf_verdict.hpp"

#include <algorithm>
#include <array>

#include <elf.h>

#include <revenge/abi/plugin.h>

namespace revenge::module {
namespace {

constexpr std::array kAllowed{
    AllowedLibrary{"libc.so.6", "the C library of the host", false},
    AllowedLibrary{"libm.so.6", "part of the C library", false},
    AllowedLibrary{"libpthread.so.0", "part of the C library", false},
    AllowedLibrary{"libdl.so.2", "part of the C library", false},
    AllowedLibrary{"librt.so.1", "part of the C library", false},
    AllowedLibrary{"libresolv.so.2", "part of the C library", false},
    AllowedLibrary{"ld-linux-x86-64.so.2", "the loader, named by thread-locals", false},
    AllowedLibrary{"ld-linux-aarch64.so.1", "the loader, named by thread-locals", false},
    AllowedLibrary{"libgcc_s.so.1", "unwinder; must be the one of the host", false},
    AllowedLibrary{"libstdc++.so.6", "must be the one of the host; no unique symbols (-fno-gnu-unique)",
                   false},
    AllowedLibrary{"libatomic.so.1", "compiler support, keeps no state", false},
    AllowedLibrary{"libz.so.1", "compression, keeps no state", true},
    AllowedLibrary{"libzstd.so.1", "compression; no pool of its own threads across a stop", true},
    AllowedLibrary{"liblz4.so.1", "compression, keeps no state", true},
    AllowedLibrary{"libcrypto.so.3", "no callbacks or ex_data of the plugin left registered", true},
    AllowedLibrary{"libssl.so.3", "no callbacks or ex_data of the plugin left registered", true},
    AllowedLibrary{"libsqlite3.so.0", "no auto-extension, no global log or mutex callbacks", true},
    AllowedLibrary{"libpq.so.5", "no thread lock or event procedure of the plugin left registered", true},
    AllowedLibrary{"libcurl.so.4", "no share or memory callbacks of the plugin left registered", true},
    AllowedLibrary{"libhiredis.so.0.14", "no allocator functions of the plugin left set", true},
    AllowedLibrary{"libutf8proc.so.2", "tables of Unicode, keeps no state", true},
    AllowedLibrary{"libexpat.so.1", "a parser is its caller's; keeps no state beside", true},
    AllowedLibrary{"libxxhash.so.0", "a hash, keeps no state", true},
    AllowedLibrary{"libfmt.so.9", "text formatting, keeps no state", true},
    AllowedLibrary{"libPocoFoundation.so.80", "no Poco::ThreadLocal, no logger or default pool of the plugin",
                   true},
    AllowedLibrary{"libPocoData.so.80", "connectors are registered by the plugin that owns them alone", true},
    AllowedLibrary{"libPocoDataSQLite.so.80", "see libPocoData", true},
    AllowedLibrary{"libPocoDataPostgreSQL.so.80", "see libPocoData", true},
};

// How code that was built with a sanitizer shows: by the library that is its runtime (g++), or by what it expects the
// program to have of it (clang).
struct Sanitizer {
  std::string_view name;
  std::string_view library;
  std::string_view clangLibrary;
  std::string_view symbol;
  bool HostFacts::* present;  // nullptr: never in a host
};
constexpr std::array kSanitizers{
    Sanitizer{"address", "libasan.so", "libclang_rt.asan", "__asan_init", &HostFacts::addressSanitizer},
    Sanitizer{"thread", "libtsan.so", "libclang_rt.tsan", "__tsan_init", &HostFacts::threadSanitizer},
    Sanitizer{"undefined", "libubsan.so", "libclang_rt.ubsan", "__ubsan_handle_",
              &HostFacts::undefinedSanitizer},
    Sanitizer{"hwaddress", "libhwasan.so", "libclang_rt.hwasan", "__hwasan_init", nullptr},
    Sanitizer{"leak", "liblsan.so", "libclang_rt.lsan", "__lsan_init", nullptr},
    Sanitizer{"memory", "libmsan.so", "libclang_rt.msan", "__msan_init", nullptr},
};

// What a plugin should not import. Strong references only: libraries test for some of these with weak ones.
struct Import {
  std::string_view symbol;
  Grade grade;
  std::string_view text;
};
constexpr std::array kImports{
    Import{"pthread_key_create", Grade::kRetired,
           "its destructor would run in unmapped code when a thread ends"},
    Import{"__pthread_key_create", Grade::kRetired,
           "its destructor would run in unmapped code when a thread ends"},
    Import{"tss_create", Grade::kRetired, "its destructor would run in unmapped code when a thread ends"},
    Import{"on_exit", Grade::kRetired, "its handler would run in unmapped code at the end of the process"},
    Import{"exit", Grade::kUnloadable, "ends the host, not the plugin"},
    Import{"_exit", Grade::kUnloadable, "ends the host, not the plugin"},
    Import{"_Exit", Grade::kUnloadable, "ends the host, not the plugin"},
    Import{"quick_exit", Grade::kUnloadable, "ends the host, not the plugin"},
    Import{"pthread_exit", Grade::kUnloadable, "ends a thread of the host"},
    Import{"fork", Grade::kUnloadable, "copies the host; use the host's process table"},
    Import{"vfork", Grade::kUnloadable, "copies the host; use the host's process table"},
    Import{"pthread_create", Grade::kUnloadable, "a thread the host does not know; use spawn"},
    Import{"_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
           Grade::kUnloadable, "a std::thread the host does not know; use spawn"},
    Import{"sigaction", Grade::kUnloadable,
           "signals belong to the host; a handler left behind keeps the plugin mapped"},
    Import{"signal", Grade::kUnloadable,
           "signals belong to the host; a handler left behind keeps the plugin mapped"},
    Import{"setlocale", Grade::kUnloadable, "changes the whole process"},
    Import{"setenv", Grade::kUnloadable, "changes the whole process, and races with every reader"},
    Import{"putenv", Grade::kUnloadable, "changes the whole process, and races with every reader"},
    Import{"chdir", Grade::kUnloadable, "changes the whole process"},
    Import{"umask", Grade::kUnloadable, "changes the whole process"},
};

std::string machineName(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_AARCH64:
      return "aarch64";
    case EM_386:
      return "i386";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv64";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    case EM_LOONGARCH:
      return "loongarch64";
    default:
      return fmt::format("machine {}", machine);
  }
}

// "GLIBCXX_3.4.30" against "GLIBCXX_3.4.9": digits by value.
bool versionLess(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t k = 0;
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  const auto digits = [&](std::string_view text, std::size_t& at) {
    std::uint64_t value = 0;
    for (; at < text.size() && isDigit(text[at]); ++at)
      value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    return value;
  };
  while (i < a.size() && k < b.size()) {
    if (isDigit(a[i]) && isDigit(b[k])) {
      const auto left = digits(a, i);
      const auto right = digits(b, k);
      if (left != right) return left < right;
    } else if (a[i] != b[k]) {
      return a[i] < b[k];
    } else {
      ++i;
      ++k;
    }
  }
  return a.size() - i < b.size() - k;
}

std::string newestOfFamily(const std::set<std::string>& offered, std::string_view version) {
  const auto family = version.substr(0, version.find('_') + 1);
  std::string newest;
  for (const auto& candidate : offered) {
    const bool numbered = candidate.starts_with(family) && candidate.size() > family.size() &&
                          candidate[family.size()] >= '0' && candidate[family.size()] <= '9';
    if (numbered && (newest.empty() || versionLess(newest, candidate))) newest = candidate;
  }
  return newest;
}

class Judge {
 public:
  Judge(const ElfFacts& facts, const HostFacts& host, std::string_view name)
      : facts_(facts), host_(host), name_(name) {}

  Verdict verdict() && {
    judgeMachine();
    if (facts_.machine == host_.machine) {  // of a foreign machine nothing else is worth saying
      judgeEntry();
      judgeVersions();
      judgeLibraries();
      judgeSearchPaths();
      judgeSanitizers();
      judgeMapping();
      judgeImports();
    }
    return std::move(verdict_);
  }

 private:
  void add(Grade grade, std::string reason) {
    if (grade > verdict_.grade) {
      verdict_.grade = grade;
      verdict_.reasons.clear();  // reasons are those of the final grade: a refusal does not list lesser ones
    }
    if (grade == verdict_.grade) verdict_.reasons.push_back(std::move(reason));
  }
  void refuse(std::string reason) { add(Grade::kRefused, std::move(reason)); }
  void retire(std::string reason) { add(Grade::kRetired, std::move(reason)); }
  void warn(std::string text) { verdict_.warnings.push_back(std::move(text)); }

  void judgeMachine() {
    if (facts_.machine != host_.machine) {
      refuse(fmt::format("{} is for {}, this host is {}", name_, machineName(facts_.machine),
                         machineName(host_.machine)));
    } else if (facts_.osAbi != ELFOSABI_NONE && facts_.osAbi != ELFOSABI_GNU) {
      refuse(fmt::format("{} is for another operating system (OS ABI {}), this host is Linux", name_,
                         facts_.osAbi));
    }
  }

  void judgeEntry() {
    if (!facts_.entry) {
      refuse(fmt::format("{} does not export {}; build it with revenge_add_plugin()", name_,
                         REVENGE_PLUGIN_ENTRY));
    } else if (*facts_.entry != STT_FUNC) {
      refuse(fmt::format("{} in {} is data, expected a function", REVENGE_PLUGIN_ENTRY, name_));
    }
    std::vector<std::string> others = facts_.exported;
    std::erase(others, REVENGE_PLUGIN_ENTRY);
    if (others.empty()) return;
    warn(fmt::format("exports {} symbol{} beside {}, such as {}; revenge_add_plugin() would hide them",
                     others.size(), others.size() == 1 ? "" : "s", REVENGE_PLUGIN_ENTRY, others.front()));
  }

  void judgeVersions() {
    for (const auto& need : facts_.versions) {
      const auto offered = host_.versions.find(need.library);
      if (need.weak || offered == host_.versions.end() || offered->second.contains(need.version)) continue;
      const auto newest = newestOfFamily(offered->second, need.version);
      refuse(fmt::format("{} needs {} of {}, this host has {}; build it on an older system", name_,
                         need.version, need.library, newest.empty() ? "no such version" : "up to " + newest));
    }
  }

  void judgeLibraries() {
    for (const auto& library : facts_.needed) {
      if (findAllowed(library) != nullptr || host_.allowedLibraries.contains(library)) continue;
      const auto isIts = [&](const Sanitizer& each) { return isRuntime(library, each); };
      if (std::ranges::any_of(kSanitizers, isIts)) continue;  // see judgeSanitizers
      if (companion(library) && needsLibrary("libc++.so.1")) continue;
      if (library.starts_with("libc++")) {
        refuse(
            fmt::format("{} needs {}, whose exceptions would meet those of the host's libstdc++; link it "
                        "with -static-libstdc++, as revenge_add_plugin() does",
                        name_, library));
        continue;
      }
      refuse(fmt::format(
          "{} needs {}, which is not on the list of allowed libraries: two versions of a plugin would "
          "share the older one; link it statically",
          name_, library));
    }
  }

  void judgeSearchPaths() {
    const auto none = [this](const std::string& value, std::string_view tag) {
      if (!value.empty()) refuse(fmt::format("{} carries {} '{}'; build it without", name_, tag, value));
    };
    none(facts_.rpath, "RPATH or RUNPATH");
    none(facts_.audit, "DT_AUDIT");
    none(facts_.filter, "DT_FILTER");
  }

  bool needsLibrary(std::string_view library) const {
    return std::ranges::find(facts_.needed, library) != facts_.needed.end();
  }

  // Comes with libc++, and goes with it when that is linked statically.
  static bool companion(std::string_view library) {
    return library == "libc++abi.so.1" || library == "libunwind.so.1";
  }

  static bool isRuntime(std::string_view library, const Sanitizer& sanitizer) {
    return library.starts_with(sanitizer.library) || library.starts_with(sanitizer.clangLibrary);
  }

  // Its runtime ends the process when it comes late, and a missing one fails the load with a symbol nobody knows.
  void judgeSanitizers() {
    for (const auto& sanitizer : kSanitizers) {
      const bool present = sanitizer.present != nullptr && host_.*sanitizer.present;
      const auto library = std::ranges::find_if(
          facts_.needed, [&](std::string_view needed) { return isRuntime(needed, sanitizer); });
      if (library != facts_.needed.end()) {
        if (host_.loaded.contains(*library)) continue;
        refuse(
            fmt::format("{} was built with the {} sanitizer and needs {}, this host was {}; build it "
                        "without -fsanitize",
                        name_, sanitizer.name, *library, present ? "with another compiler's" : "not"));
      } else if (const auto symbol = std::ranges::find_if(
                     facts_.undefined,
                     [&](std::string_view needed) { return needed.starts_with(sanitizer.symbol); });
                 symbol != facts_.undefined.end() && !present) {
        refuse(
            fmt::format("{} was built with the {} sanitizer and needs {}, this host was not; build it "
                        "without -fsanitize",
                        name_, sanitizer.name, *symbol));
      }
    }
  }

  void judgeMapping() {
    if (facts_.noOpen) refuse(fmt::format("{} is marked NOOPEN (-z nodlopen)", name_));
    if (facts_.executableStack) {
      refuse(fmt::format(
          "{} asks for an executable stack, which would open the host's; link with -z noexecstack", name_));
    }
    if (facts_.textRelocations) {
      refuse(fmt::format("{} has text relocations; compile all of it with -fPIC", name_));
    }
    if (facts_.noDelete) retire("it is marked NODELETE (-z nodelete)");
    if (facts_.staticTls)
      retire("it takes static thread-local storage (STATIC_TLS), of which a process has little");
    if (!facts_.unique.empty()) {
      retire(fmt::format("it has {} GNU unique symbol{}, such as {}; compile with -fno-gnu-unique",
                         facts_.unique.size(), facts_.unique.size() == 1 ? "" : "s", facts_.unique.front()));
    }
    if (!facts_.indirect.empty()) {
      warn(fmt::format("code of it runs while it is being loaded (IFUNC {})", facts_.indirect.front()));
    }
  }

  void judgeImports() {
    for (const auto& import : kImports) {
      if (std::ranges::find(facts_.undefined, import.symbol) == facts_.undefined.end()) continue;
      auto text = fmt::format("it uses {}: {}", import.symbol, import.text);
      import.grade == Grade::kRetired ? retire(std::move(text)) : warn(std::move(text));
    }
  }

  const ElfFacts& facts_;
  const HostFacts& host_;
  std::string_view name_;
  Verdict verdict_;
};

}  // namespace

std::string_view describe(Grade grade) {
  switch (grade) {
    case Grade::kUnloadable:
      return "loads, unloads";
    case Grade::kRetired:
      return "loads, will be retired instead of unloaded";
    case Grade::kRefused:
      return "refused";
  }
  return "refused";
}

const AllowedLibrary* findAllowed(std::string_view soname) {
  const auto found = std::ranges::find(kAllowed, soname, &AllowedLibrary::name);
  return found == kAllowed.end() ? nullptr : &*found;
}

Verdict judge(const ElfFacts& facts, const HostFacts& host, std::string_view name) {
  return Judge(facts, host, name).verdict();
}

}  // namespace revenge::module
