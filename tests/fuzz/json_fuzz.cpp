// JSON: manifests, probe reports, answers of the control socket.
#include "document/json.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::document;
  const auto value = parseJson({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  if (!value) {
    require(value.error().message.starts_with("fuzz.json"), "a refusal names the text");
    return 0;
  }
  for (const Layout layout : {Layout::kCompact, Layout::kPretty}) {
    // Indents and escapes make a text longer than what it was read from.
    const auto again = parseJson(writeJson(*value, layout), "again", {.maxBytes = std::size_t{1} << 26U});
    require(again.has_value(), "what is written is read");
    require(*again == *value, "and is the same value");
    require(hashOf(*again) == hashOf(*value), "equal values have equal hashes");
  }
  return 0;
}
