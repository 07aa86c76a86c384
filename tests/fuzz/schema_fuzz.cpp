// A JSON Schema, as a plugin's manifest brings it, and a value under it. Input: the schema, a line "---", the value.
#include "document/json.hpp"
#include "document/schema.hpp"
#include "document/yaml.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::document;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kRuler = "\n---\n";
  const std::size_t ruler = std::min(input.find(kRuler), input.size());
  auto json = parseJson(input.substr(0, ruler), "schema.json");
  if (!json) return 0;
  const auto schema = Schema::load(std::move(*json), "schema.json");
  if (!schema) {
    require(schema.error().message.starts_with("schema.json"), "a refusal names the schema");
    return 0;
  }
  require(Schema::load(schema->document(), "again").has_value(), "a schema that loaded loads again");
  for (const KeyDoc& key : describeKeys(*schema)) require(!key.type.empty(), "every key has a type");
  (void)sampleYaml(*schema);

  const auto value = parseJson(input.substr(std::min(ruler + kRuler.size(), input.size())), "value.json");
  if (!value) return 0;
  const auto violations = schema->validate(*value);
  require(violations.size() <= 100, "at most 100 violations are told");
  for (const Violation& violation : violations) {
    require(value->at(violation.pointer) != nullptr, "a violation points at a value that is there");
    require(!violation.message.empty() && !violation.message.contains('\n'), "and is told in one line");
  }
  (void)schema->withDefaults(*value);
  return 0;
}
