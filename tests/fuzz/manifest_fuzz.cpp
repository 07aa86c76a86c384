// The manifest reader against any text.
#include "module/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  (void)revenge::module::parseManifest({reinterpret_cast<const char*>(data), size}, "plugin.json", "thumbs");
  return 0;
}
