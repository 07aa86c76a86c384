// A configuration: lines that begin with "--set " are options, with "REVENGE_" variables, all others are the file.
#include <string>

#include "config/flatten.hpp"
#include "config/host_schema.hpp"
#include "config/load.hpp"
#include "document/json.hpp"
#include "document/yaml.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

config::PluginSchemas plugins() {
  constexpr std::string_view kSchema = R"({"type": "object", "additionalProperties": false, "properties": {
    "folders": {"type": "array", "default": [], "maxItems": 4, "items": {"type": "string", "pattern": "^/"}},
    "rescan_s": {"type": "integer", "default": 60, "minimum": 1},
    "nested": {"type": "object", "properties": {"on": {"type": "boolean", "default": true}}}}})";
  auto schema = document::Schema::load(document::parseJson(kSchema, "stream").value(), "stream");
  return {{"stream", std::move(*schema)}};
}

void checkProblems(const config::Problems& problems) {
  require(!problems.empty(), "a refusal has its reasons");
  for (const auto& problem : problems)
    require(!problem.empty() && !problem.contains('\n'), "each of one line");
}

void checkLoaded(const config::Loaded& loaded, const config::PluginSchemas& schemas) {
  const config::Snapshot& snapshot = *loaded.snapshot;
  static const document::Schema host = config::hostSchema();
  require(host.validate(snapshot.values()).empty(), "what is in force is valid");
  require(schemas.at("stream").validate(snapshot.plugin("stream")).empty(), "that of a plugin too");
  (void)snapshot.integer("/http/port");
  for (const auto& leaf : config::flatten(snapshot.values())) {
    require(snapshot.values().at(leaf.pointer) == leaf.value, "a leaf is found by its pointer");
    require(snapshot.origin(leaf.pointer) != "not set", "and has an origin");
  }
  const auto again = config::merge({{"file", "again", snapshot.values()}}, schemas);
  require(again.has_value(), "what is in force, given as a file, is accepted");
  require(again->snapshot->values() == snapshot.values(), "and is itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const config::PluginSchemas schemas = plugins();
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string file;
  config::Inputs inputs{.file = {}, .overrides = {}, .plugins = schemas};
  while (!input.empty()) {
    constexpr std::string_view kOption = "--set ";
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.starts_with(kOption)) {
      inputs.overrides.emplace_back(line.substr(kOption.size()));
    } else if (line.starts_with("REVENGE_") && line.contains('=')) {
      inputs.environment.emplace_back(line.substr(0, line.find('=')), line.substr(line.find('=') + 1));
    } else {
      file.append(line).append("\n");
    }
  }
  // Of a secret it is known what was to be read, and that nobody is told.
  config::Sources secrets;
  for (const auto& secret : config::placesOf(inputs).secrets)
    secrets.push_back({config::SourceKind::kSecret, secret.path, "Sesame Sesame", "", secret.variable});
  const auto options = config::load(inputs, secrets);
  if (!options) {
    for (const auto& problem : options.error())
      require(!problem.contains("Sesame Sesame"), "no message shows a secret");
  }
  options ? checkLoaded(*options, schemas) : checkProblems(options.error());

  auto value = document::parseYaml(file, "revenge.yaml");
  if (!value || (value->object() == nullptr && !value->isNull())) return 0;
  std::vector<config::Layer> layers{{"file", "revenge.yaml", std::move(*value)}};
  if (options)
    layers.insert(layers.end(), options->snapshot->layers().begin(), options->snapshot->layers().end());
  const auto loaded = config::merge(std::move(layers), schemas);
  loaded ? checkLoaded(*loaded, schemas) : checkProblems(loaded.error());
  return 0;
}
