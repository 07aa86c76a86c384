#include "module/elf_facts.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <elf.h>

namespace revenge::module {
namespace {

using base::Errc;
using base::fail;
using base::Result;

// A damaged file may claim any number of things; what a real plugin has stays far below these.
constexpr std::uint64_t kMaxSymbols = 4'000'000;
constexpr std::uint64_t kMaxDynamic = 4096;
constexpr std::uint64_t kMaxVersionRecords = 65536;
constexpr std::uint64_t kMaxSegments = 128;
constexpr std::size_t kMaxNameBytes = 64 * 1024;  // of one symbol
constexpr std::size_t kMaxKeptBytes =
    16 * 1024 * 1024;  // of all names together: they may share their bytes in the file

std::string_view machineClass(unsigned char elfClass) {
  return elfClass == ELFCLASS32 ? "32-bit" : "of no known class";
}

std::string_view typeName(std::uint16_t type) {
  switch (type) {
    case ET_REL:
      return "an object file (.o)";
    case ET_EXEC:
      return "an executable";
    case ET_CORE:
      return "a core dump";
    default:
      return "an ELF file of no known type";
  }
}

class Reader {
 public:
  Reader(std::span<const std::byte> file, std::string_view name, std::string_view entry)
      : file_(file), name_(name), entrySymbol_(entry) {}

  Result<ElfFacts> read() {
    for (const auto step :
         {&Reader::readHeader, &Reader::readSegments, &Reader::readDynamic, &Reader::readNames,
          &Reader::readVersions, &Reader::readSymbols, &Reader::readRelocations}) {
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    }
    return std::move(facts_);
  }

 private:
  template <typename T>
  bool at(std::uint64_t offset, T& out) const {
    if (offset > file_.size() || file_.size() - offset < sizeof(T)) return false;
    std::memcpy(&out, file_.data() + offset, sizeof(T));
    return true;
  }

  Result<> truncated(std::string_view what) const {
    return fail(Errc::kInvalid,
                "{} is truncated or damaged: its {} lies beyond the {} bytes of the file; copy it again",
                name_, what, file_.size());
  }

  // A file of 1 MiB could otherwise name 8 GiB.
  Result<> keep(std::size_t nameBytes) {
    keptBytes_ += nameBytes + sizeof(std::string);
    if (keptBytes_ <= kMaxKeptBytes) return {};
    return fail(Errc::kLimit, "{} is damaged: its names come to more than {} bytes", name_, kMaxKeptBytes);
  }

  Result<> readHeader() {
    unsigned char ident[EI_NIDENT] = {};
    if (file_.empty()) return fail(Errc::kInvalid, "{} is not a shared object: the file is empty", name_);
    std::memcpy(ident, file_.data(), std::min(file_.size(), sizeof(ident)));
    if (std::memcmp(ident, ELFMAG, SELFMAG) != 0) {
      return fail(Errc::kInvalid, "{} is not a shared object: it does not begin with the ELF magic", name_);
    }
    if (!at(0, header_)) return truncated("ELF header");
    if (ident[EI_CLASS] != ELFCLASS64) {
      return fail(Errc::kInvalid, "{} is {}, this host is 64-bit", name_, machineClass(ident[EI_CLASS]));
    }
    if (ident[EI_DATA] != ELFDATA2LSB) {
      return fail(Errc::kInvalid, "{} is not little-endian, this host is", name_);
    }
    facts_.machine = header_.e_machine;
    facts_.osAbi = ident[EI_OSABI];
    if (header_.e_type != ET_DYN) {
      return fail(Errc::kInvalid, "{} is not a shared object: it is {}", name_, typeName(header_.e_type));
    }
    if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_phnum == 0 || header_.e_phnum > kMaxSegments) {
      return fail(Errc::kInvalid, "{} is damaged: it claims {} program headers of {} bytes", name_,
                  header_.e_phnum, header_.e_phentsize);
    }
    // The loader does not read section headers, but a file that lost its end is no file to run.
    const std::uint64_t sections = std::uint64_t{header_.e_shnum} * header_.e_shentsize;
    if (header_.e_shoff > file_.size() || file_.size() - header_.e_shoff < sections)
      return truncated("section table");
    return {};
  }

  Result<> readSegments() {
    bool stackSeen = false;
    std::uint64_t lastAddress = 0;
    for (std::uint64_t i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!at(header_.e_phoff + i * sizeof(segment), segment)) return truncated("program header table");
      if (segment.p_type == PT_NULL || segment.p_type == PT_GNU_STACK) {
        if (segment.p_type == PT_GNU_STACK) {
          stackSeen = true;
          facts_.executableStack = (segment.p_flags & PF_X) != 0;
        }
        continue;
      }
      if (segment.p_offset > file_.size() || file_.size() - segment.p_offset < segment.p_filesz) {
        return truncated(fmt::format("segment {}", i));
      }
      if (segment.p_type == PT_LOAD) {
        const bool wraps = segment.p_vaddr + segment.p_memsz < segment.p_vaddr;
        if (wraps || segment.p_memsz < segment.p_filesz || segment.p_vaddr < lastAddress) {
          return fail(Errc::kInvalid, "{} is damaged: segment {} has impossible addresses", name_, i);
        }
        lastAddress = segment.p_vaddr + segment.p_memsz;
        loads_.push_back(segment);
      } else if (segment.p_type == PT_DYNAMIC) {
        dynamic_ = segment;
      } else if (segment.p_type == PT_INTERP) {
        return fail(Errc::kInvalid, "{} is not a shared object: it is an executable", name_);
      } else if (segment.p_type == PT_NOTE) {
        readNotes(segment);
      }
    }
    if (!stackSeen) facts_.executableStack = true;  // what the kernel assumes of old objects
    if (dynamic_.p_filesz == 0 || loads_.empty()) {
      return fail(Errc::kInvalid, "{} is not a shared object: it has no dynamic section", name_);
    }
    return {};
  }

  void readNotes(const Elf64_Phdr& segment) {
    std::uint64_t offset = segment.p_offset;
    const std::uint64_t end = segment.p_offset + segment.p_filesz;
    const std::uint64_t align = segment.p_align == 8 ? 8 : 4;
    const auto padded = [align](std::uint64_t size) { return (size + align - 1) / align * align; };
    Elf64_Nhdr note;
    while (offset < end && at(offset, note)) {
      const std::uint64_t content = offset + sizeof(note) + padded(note.n_namesz);
      if (content > end || end - content < note.n_descsz) return;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz <= 64 &&
          std::memcmp(file_.data() + offset + sizeof(note), "GNU", 4) == 0) {
        for (const auto byte : file_.subspan(content, note.n_descsz)) {
          facts_.buildId += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
        }
      }
      offset = content + padded(note.n_descsz);
    }
  }

  // Addresses inside the image to offsets in the file.
  std::optional<std::uint64_t> offsetOf(std::uint64_t address) const {
    for (const auto& load : loads_) {
      if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz) {
        return load.p_offset + (address - load.p_vaddr);
      }
    }
    return std::nullopt;
  }

  template <typename T>
  bool atAddress(std::uint64_t address, T& out) const {
    const auto offset = offsetOf(address);
    return offset && at(*offset, out);
  }

  Result<> readDynamic() {
    const auto count = std::min(dynamic_.p_filesz / sizeof(Elf64_Dyn), kMaxDynamic);
    for (std::uint64_t i = 0; i < count; ++i) {
      Elf64_Dyn entry;
      if (!at(dynamic_.p_offset + i * sizeof(entry), entry)) return truncated("dynamic section");
      if (entry.d_tag == DT_NULL) break;
      readTag(entry.d_tag, entry.d_un.d_val);
    }
    if (strings_ == 0 || symbols_ == 0) {
      return fail(Errc::kInvalid, "{} is damaged: its dynamic section names no symbols", name_);
    }
    const auto offset = offsetOf(strings_);
    if (!offset || file_.size() - *offset < stringsSize_) return truncated("string table");
    stringTable_ = file_.subspan(*offset, stringsSize_);
    return {};
  }

  void readTag(Elf64_Sxword tag, Elf64_Xword value) {
    switch (tag) {
      case DT_NEEDED:
        neededAt_.push_back(value);
        break;
      case DT_STRTAB:
        strings_ = value;
        break;
      case DT_STRSZ:
        stringsSize_ = value;
        break;
      case DT_SYMTAB:
        symbols_ = value;
        break;
      case DT_HASH:
        hash_ = value;
        break;
      case DT_GNU_HASH:
        gnuHash_ = value;
        break;
      case DT_VERNEED:
        needs_ = value;
        break;
      case DT_VERNEEDNUM:
        needsCount_ = value;
        break;
      case DT_RELA:
        relocations_[0].address = value;
        break;
      case DT_RELASZ:
        relocations_[0].bytes = value;
        break;
      case DT_JMPREL:
        relocations_[1].address = value;
        break;
      case DT_PLTRELSZ:
        relocations_[1].bytes = value;
        break;
      case DT_RPATH:
      case DT_RUNPATH:
        rpathAt_ = value;
        break;
      case DT_AUDIT:
      case DT_DEPAUDIT:
        auditAt_ = value;
        break;
      case DT_FILTER:
      case DT_AUXILIARY:
        filterAt_ = value;
        break;
      case DT_TEXTREL:
        facts_.textRelocations = true;
        break;
      case DT_FLAGS:
        if ((value & DF_TEXTREL) != 0) facts_.textRelocations = true;
        if ((value & DF_STATIC_TLS) != 0) facts_.staticTls = true;
        break;
      case DT_FLAGS_1:
        if ((value & DF_1_NODELETE) != 0) facts_.noDelete = true;
        if ((value & DF_1_NOOPEN) != 0) facts_.noOpen = true;
        if ((value & DF_1_PIE) != 0) executable_ = true;
        break;
      default:
        break;
    }
  }

  std::optional<std::string_view> string(std::uint64_t at) const {
    if (at >= stringTable_.size()) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(stringTable_.data()) + at;
    const auto left = std::min(stringTable_.size() - at, kMaxNameBytes);
    const auto* end = static_cast<const char*>(std::memchr(begin, 0, left));
    if (end == nullptr) return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  }

  Result<> readNames() {
    if (executable_) return fail(Errc::kInvalid, "{} is not a shared object: it is an executable", name_);
    for (const auto offset : neededAt_) {
      const auto library = string(offset);
      if (!library) return truncated("list of needed libraries");
      if (auto kept = keep(library->size()); !kept) return kept;
      facts_.needed.emplace_back(*library);
    }
    facts_.rpath = std::string(rpathAt_ ? string(*rpathAt_).value_or("?") : "");
    facts_.audit = std::string(auditAt_ ? string(*auditAt_).value_or("?") : "");
    facts_.filter = std::string(filterAt_ ? string(*filterAt_).value_or("?") : "");
    return {};
  }

  Result<> readVersions() {
    std::uint64_t records = 0;
    std::uint64_t address = needs_;
    for (std::uint64_t i = 0; needs_ != 0 && i < needsCount_; ++i) {
      Elf64_Verneed need;
      if (!atAddress(address, need)) return truncated("list of symbol versions");
      std::uint64_t inner = address + need.vn_aux;
      for (unsigned k = 0; k < need.vn_cnt; ++k) {
        Elf64_Vernaux version;
        if (++records > kMaxVersionRecords || !atAddress(inner, version))
          return truncated("list of symbol versions");
        const auto library = string(need.vn_file);
        const auto text = string(version.vna_name);
        if (!library || !text) return truncated("list of symbol versions");
        if (auto kept = keep(library->size() + text->size()); !kept) return kept;
        facts_.versions.push_back(
            {std::string(*library), std::string(*text), (version.vna_flags & VER_FLG_WEAK) != 0});
        if (version.vna_next == 0) break;
        inner += version.vna_next;
      }
      if (need.vn_next == 0) break;
      address += need.vn_next;
    }
    return {};
  }

  // The dynamic section gives no symbol count. DT_HASH has it; DT_GNU_HASH only the chains, whose last entry is odd.
  std::optional<std::uint64_t> symbolCount() const {
    std::uint32_t words[4] = {};
    if (hash_ != 0) {
      if (!atAddress(hash_, words)) return std::nullopt;
      return words[1];
    }
    if (gnuHash_ == 0 || !atAddress(gnuHash_, words)) return std::nullopt;
    const auto [buckets, firstHashed, bloom, shift] = words;
    const std::uint64_t bucketsAt = gnuHash_ + 16 + std::uint64_t{bloom} * 8;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < buckets; ++i) {
      std::uint32_t bucket = 0;
      if (!atAddress(bucketsAt + i * 4, bucket)) return std::nullopt;
      last = std::max<std::uint64_t>(last, bucket);
    }
    if (last < firstHashed) return firstHashed;
    const std::uint64_t chains = bucketsAt + std::uint64_t{buckets} * 4;
    for (std::uint32_t chain = 0;; ++last) {
      if (last > kMaxSymbols || !atAddress(chains + (last - firstHashed) * 4, chain)) return std::nullopt;
      if ((chain & 1) != 0) return last + 1;
    }
  }

  Result<> readSymbols() {
    const auto count = symbolCount();
    const auto table = offsetOf(symbols_);
    if (!count || !table || *count > kMaxSymbols) return truncated("symbol table");
    for (std::uint64_t i = 1; i < *count; ++i) {
      Elf64_Sym symbol;
      if (!at(*table + i * sizeof(symbol), symbol)) return truncated("symbol table");
      const auto name = string(symbol.st_name);
      if (!name) return truncated("symbol names");
      if (auto kept = keep(name->size()); !kept) return kept;
      readSymbol(symbol, *name);
    }
    return {};
  }

  // A function that the loader asks for an address while it relocates need not be a symbol. One of them is enough to know.
  Result<> readRelocations() {
    constexpr std::uint32_t kOfX86 = 37;    // R_X86_64_IRELATIVE
    constexpr std::uint32_t kOfArm = 1032;  // R_AARCH64_IRELATIVE
    if (facts_.machine != EM_X86_64 && facts_.machine != EM_AARCH64) return {};
    const std::uint32_t indirect = facts_.machine == EM_X86_64 ? kOfX86 : kOfArm;
    for (const auto& table : relocations_) {
      for (std::uint64_t at = 0; at + sizeof(Elf64_Rela) <= table.bytes; at += sizeof(Elf64_Rela)) {
        Elf64_Rela relocation;
        if (!atAddress(table.address + at, relocation)) return truncated("list of relocations");
        if (ELF64_R_TYPE(relocation.r_info) != indirect) continue;
        if (facts_.indirect.empty()) facts_.indirect.push_back(fmt::format("at {:#x}", relocation.r_addend));
        return {};
      }
    }
    return {};
  }

  void readSymbol(const Elf64_Sym& symbol, std::string_view name) {
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    const auto type = static_cast<std::uint8_t>(ELF64_ST_TYPE(symbol.st_info));
    if (symbol.st_shndx == SHN_UNDEF) {
      if (binding == STB_GLOBAL && !name.empty()) facts_.undefined.emplace_back(name);
      return;
    }
    if (type == STT_GNU_IFUNC) facts_.indirect.emplace_back(name);
    if (binding == STB_GNU_UNIQUE) facts_.unique.emplace_back(name);
    const bool visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
    if (binding == STB_LOCAL || !visible || symbol.st_shndx == SHN_ABS) return;
    if (name == entrySymbol_) facts_.entry = type;
    facts_.exported.emplace_back(name);
  }

  std::span<const std::byte> file_;
  std::string_view name_;
  std::string_view entrySymbol_;
  ElfFacts facts_;

  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> loads_;
  Elf64_Phdr dynamic_{};
  std::span<const std::byte> stringTable_;
  std::uint64_t strings_ = 0, stringsSize_ = 0, symbols_ = 0, hash_ = 0, gnuHash_ = 0;
  struct Table {
    std::uint64_t address = 0, bytes = 0;
  };
  std::array<Table, 2> relocations_;  // of data, and of calls
  std::uint64_t needs_ = 0, needsCount_ = 0;
  std::vector<std::uint64_t> neededAt_;
  std::optional<std::uint64_t> rpathAt_, auditAt_, filterAt_;
  bool executable_ = false;
  std::size_t keptBytes_ = 0;
};

}  // namespace

Result<ElfFacts> readElf(std::span<const std::byte> file, std::string_view name,
                         std::string_view entrySymbol) {
  return Reader(file, name, entrySymbol).read();
}

}  // namespace revenge::module
