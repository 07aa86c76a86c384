// YAML: the configuration file and the values of --set.
#include "document/json.hpp"
#include "document/yaml.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::document;
  const auto value = parseYaml({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!value) {
    require(value.error().message.starts_with("fuzz.yaml"), "a refusal names the text");
    return 0;
  }
  const Limits wide{.maxBytes = std::size_t{1} << 28U};  // aliases are written out
  const auto again = parseJson(writeJson(*value), "again", wide);
  require(again.has_value(), "what YAML gives is a JSON value within the same limits");
  require(*again == *value, "and the same one");
  return 0;
}
