#include "observe/build_id.hpp"

#include <algorithm>
#include <cstring>

#include <link.h>

namespace revenge::observe {

std::string_view buildIdOf(const dl_phdr_info& image, BuildIdText& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  for (int i = 0; i < image.dlpi_phnum; ++i) {
    const auto& segment = image.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const unsigned char*>(image.dlpi_addr + segment.p_vaddr);
    const auto* const end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof(note));
      const auto* const content = at + sizeof(note) + padded(note.n_namesz);
      if (note.n_type == NT_GNU_BUILD_ID) {
        const std::size_t bytes = std::min<std::size_t>(note.n_descsz, out.size() / 2);
        for (std::size_t b = 0; b < bytes; ++b) {
          out[2 * b] = kDigits[content[b] >> 4U];
          out[2 * b + 1] = kDigits[content[b] & 15U];
        }
        return {out.data(), 2 * bytes};
      }
      at = content + padded(note.n_descsz);
    }
  }
  return {};
}

}  // namespace revenge::observe
