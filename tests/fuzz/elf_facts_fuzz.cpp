// The ELF reader against any bytes: a file of a package that nobody has looked at yet.
#include "module/elf_facts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  (void)revenge::module::readElf(std::as_bytes(std::span(data, size)), "fuzz.so", "revenge_plugin_entry");
  return 0;
}
