// What the headers of a shared object say, read with every access bounds-checked. Thread safety: a pure
// function; the result owns its strings. Nothing here judges: see elf_verdict.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::module {

struct VersionNeed {
  std::string library;  // "libstdc++.so.6"
  std::string version;  // "GLIBCXX_3.4.30"
  bool weak = false;
};

struct ElfFacts {
  std::uint16_t machine = 0;  // EM_*
  std::uint8_t osAbi = 0;     // ELFOSABI_*
  std::string buildId;        // hex; empty: none
  std::vector<std::string> needed;
  std::vector<VersionNeed> versions;
  std::string rpath;                   // DT_RPATH or DT_RUNPATH
  std::string audit;                   // DT_AUDIT or DT_DEPAUDIT
  std::string filter;                  // DT_FILTER or DT_AUXILIARY
  std::vector<std::string> exported;   // defined, visible, global or weak
  std::vector<std::string> unique;     // STB_GNU_UNIQUE
  std::vector<std::string> undefined;  // strong
  std::vector<std::string> indirect;   // STT_GNU_IFUNC
  std::optional<std::uint8_t> entry;   // symbol type (STT_*) of the entry symbol, when defined and visible
  bool executableStack = false;
  bool textRelocations = false;
  bool staticTls = false;
  bool noDelete = false;
  bool noOpen = false;  // DF_1_NOOPEN: dlopen would refuse
};

// `name` is how messages call the file. `entrySymbol` is looked for among the exported ones.
base::Result<ElfFacts> readElf(std::span<const std::byte> file, std::string_view name,
                               std::string_view entrySymbol);

}  // namespace revenge::module
