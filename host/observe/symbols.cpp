#include "observe/symbols.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::observe {

namespace {

constexpr std::uint64_t kMostSections = 512;
constexpr std::uint64_t kMostSymbols = 2'000'000;
constexpr std::size_t kMostNameBytes = 4096;
constexpr std::size_t kMostShown = 200;
constexpr std::uint64_t kMostNoteBytes = 4096;

class Elf {
 public:
  explicit Elf(const std::filesystem::path& file)
      : file_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat about{};
    if (!file_ || ::fstat(file_.get(), &about) != 0 || !S_ISREG(about.st_mode)) return;
    size_ = static_cast<std::uint64_t>(about.st_size);
    Elf64_Ehdr head{};
    if (!read(0, head) || !std::equal(head.e_ident, head.e_ident + SELFMAG, ELFMAG) ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
        head.e_shentsize != sizeof(Elf64_Shdr) || head.e_shnum > kMostSections)
      return;
    for (std::uint64_t i = 0; i < head.e_shnum; ++i) {
      Elf64_Shdr section{};
      if (!read(head.e_shoff + i * sizeof(section), section)) {
        sections_.clear();
        return;
      }
      sections_.push_back(section);
    }
  }

  std::string buildId() const {
    for (const Elf64_Shdr& section : sections_) {
      if (section.sh_type != SHT_NOTE || section.sh_size > kMostNoteBytes) continue;
      if (auto id = buildIdIn(section); !id.empty()) return id;
    }
    return {};
  }

  // The name as it is in the file. The full table knows more than the one for the linker.
  std::string nameAt(std::uint64_t offset) const {
    for (const Elf64_Word type : {Elf64_Word{SHT_SYMTAB}, Elf64_Word{SHT_DYNSYM}}) {
      for (const Elf64_Shdr& section : sections_) {
        if (section.sh_type != type) continue;
        if (auto name = nameIn(section, offset); !name.empty()) return name;
      }
    }
    return {};
  }

 private:
  bool bytes(std::uint64_t at, void* out, std::uint64_t count) const {
    return at <= size_ && size_ - at >= count &&
           ::pread(file_.get(), out, count, static_cast<off_t>(at)) == static_cast<ssize_t>(count);
  }
  template <typename T>
  bool read(std::uint64_t at, T& out) const {
    return bytes(at, &out, sizeof(T));
  }

  std::string buildIdIn(const Elf64_Shdr& section) const {
    const auto padded = [](std::uint64_t count) { return (count + 3) / 4 * 4; };
    for (std::uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= section.sh_size;) {
      Elf64_Nhdr note{};
      if (!read(section.sh_offset + at, note)) return {};
      const std::uint64_t content = at + sizeof(note) + padded(note.n_namesz);
      constexpr std::uint32_t kLongest = 64;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= kLongest) {
        std::vector<unsigned char> id(note.n_descsz);
        if (!bytes(section.sh_offset + content, id.data(), id.size())) return {};
        std::string text;
        for (const unsigned char byte : id) text += fmt::format("{:02x}", byte);
        return text;
      }
      at = content + padded(note.n_descsz);
    }
    return {};
  }

  // The narrowest function around it; one whose size nobody wrote down ends somewhere, and only its first byte is its own.
  std::string nameIn(const Elf64_Shdr& section, std::uint64_t offset) const {
    if (section.sh_entsize != sizeof(Elf64_Sym) || section.sh_link >= sections_.size()) return {};
    const std::uint64_t count = std::min(section.sh_size / sizeof(Elf64_Sym), kMostSymbols);
    constexpr std::uint64_t kAtOnce = 4096;
    std::vector<Elf64_Sym> symbols;
    std::optional<Elf64_Sym> best;
    for (std::uint64_t first = 0; first < count; first += kAtOnce) {
      symbols.resize(std::min(kAtOnce, count - first));
      if (!bytes(section.sh_offset + first * sizeof(Elf64_Sym), symbols.data(),
                 symbols.size() * sizeof(Elf64_Sym)))
        return {};
      for (const Elf64_Sym& symbol : symbols) {
        const bool around = symbol.st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC &&
                            offset >= symbol.st_value &&
                            offset - symbol.st_value < std::max<std::uint64_t>(1, symbol.st_size);
        if (around && (!best || symbol.st_size < best->st_size)) best = symbol;
      }
    }
    return best ? textIn(sections_[section.sh_link], best->st_name) : std::string();
  }

  std::string textIn(const Elf64_Shdr& strings, std::uint64_t at) const {
    if (at >= strings.sh_size) return {};
    std::string text(std::min<std::uint64_t>(kMostNameBytes, strings.sh_size - at), '\0');
    if (!bytes(strings.sh_offset + at, text.data(), text.size())) return {};
    const std::size_t end = text.find('\0');
    return end == std::string::npos ? std::string() : text.substr(0, end);
  }

  base::UniqueFd file_;
  std::uint64_t size_ = 0;
  std::vector<Elf64_Shdr> sections_;
};

std::string readable(const std::string& name) {
  int failed = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &failed), &std::free);
  std::string text = failed == 0 && plain != nullptr ? plain.get() : name;
  if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "...";
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
  return text;
}

}  // namespace

std::string functionAt(const std::filesystem::path& file, std::string_view build_id, std::uint64_t offset) {
  const Elf elf(file);
  if (!build_id.empty() && elf.buildId() != build_id) return {};
  const std::string name = elf.nameAt(offset);
  return name.empty() ? name : readable(name);
}

void nameFunctions(std::span<StackFrame> frames) {
  for (StackFrame& frame : frames) {
    // Nothing is known of it at all.
    if (frame.path.empty() && frame.build_id.empty()) continue;
    frame.function =
        functionAt(frame.path.empty() ? "/proc/self/exe" : frame.path, frame.build_id, frame.offset);
  }
}

}  // namespace revenge::observe
