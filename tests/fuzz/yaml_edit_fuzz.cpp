// A text of YAML in which one value is set, or taken out: the first line is the key, the second the value, the rest the text.
#include <string>

#include "config/key_path.hpp"
#include "document/json.hpp"
#include "document/yaml.hpp"
#include "document/yaml_edit.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

std::string_view line(std::string_view& input) {
  const std::string_view taken = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(taken.size() + 1, input.size()));
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto steps = config::stepsOfKey(line(text));
  const auto value = document::parseYaml(line(text), "value");
  if (!steps || !value) return 0;
  const std::string pointer = config::pointerTo(*steps);
  const auto set = document::withValue(text, "f.yaml", *steps, *value);
  if (set) {
    const auto read = document::parseYaml(*set, "f.yaml");
    require(read.has_value(), "an edited text is YAML");
    require(read->at(pointer) != nullptr && *read->at(pointer) == *value, "and has the value");
    const auto taken = document::withoutValue(*set, "f.yaml", *steps);
    require(!taken || document::parseYaml(*taken, "f.yaml")->at(pointer) == nullptr, "which goes again");
  } else {
    require(!set.error().message.empty(), "a refusal has its reason");
  }
  const auto taken = document::withoutValue(text, "f.yaml", *steps);
  if (taken)
    require(document::parseYaml(*taken, "f.yaml")->at(pointer) == nullptr, "what is taken out is gone");
  return 0;
}
