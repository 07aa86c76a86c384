#include "config/load.hpp"

#include <algorithm>

#include "config/host_schema.hpp"
#include "config/override.hpp"
#include "document/yaml.hpp"

namespace revenge::config {
namespace {

using document::Value;

base::Result<Layer> fileLayer(const Source& source) {
  if (!source.trouble.empty()) return base::fail(base::Errc::kIo, "{}", source.trouble);
  const document::Limits limits;
  if (source.text.size() > limits.maxBytes) {
    return base::fail(base::Errc::kLimit, "{}: more than {} bytes, which no configuration needs", source.path,
                      limits.maxBytes);
  }
  auto value = document::parseYaml(source.text, source.path, limits);
  if (!value) return std::unexpected(value.error());
  if (!value->isNull() && value->object() == nullptr) {
    return base::fail(base::Errc::kInvalid,
                      "{}:{}: expected keys such as http, workers and plugins at the top", source.path,
                      value->position.line);
  }
  constexpr std::string_view kNames[] = {"file", "local", "drop-in"};
  return Layer{std::string(kNames[static_cast<std::size_t>(source.kind)]), source.path, std::move(*value)};
}

// Of plugins that are installed, or that a file speaks of.
std::vector<std::string> pluginIds(const PluginSchemas& plugins, const std::vector<Layer>& layers) {
  std::vector<std::string> ids;
  for (const auto& [id, schema] : plugins) ids.push_back(id);
  for (const Layer& layer : layers) {
    const Value* sections = layer.value.find("plugins");
    if (sections == nullptr || sections->object() == nullptr) continue;
    for (const document::Member& section : *sections->object()) ids.push_back(section.key);
  }
  return ids;
}

// Of every layer, also where one above hides it: the host's keys are all optional, so a layer alone is as right as it is
// among the others.
Problems mistakes(const std::vector<Layer>& layers, const Value& values, const document::Schema& host) {
  Problems problems;
  const auto add = [&](Problems found) {
    for (std::string& problem : found) {
      if (std::ranges::find(problems, problem) == problems.end()) problems.push_back(std::move(problem));
    }
  };
  for (const Layer& layer : layers) {
    if (!layer.value.isNull()) add(problemsOf({layer}, layer.value, "", host.validate(layer.value)));
  }
  add(problemsOf(layers, values, "", host.validate(values)));
  return problems;
}

}  // namespace

std::expected<Loaded, Problems> merge(std::vector<Layer> layers, const PluginSchemas& plugins) {
  const document::Schema host = hostSchema();
  const Value values = merged(layers);
  Problems problems = mistakes(layers, values, host);
  for (const auto& [id, schema] : plugins) {
    const std::string prefix = "/plugins" + document::pointerStep(id);
    const Value* section = values.at(prefix);
    if (section != nullptr && section->object() == nullptr) continue;  // the host's schema has said so
    const Value filled = schema.withDefaults(section != nullptr ? *section : Value(document::Object()));
    const Problems wrong = problemsOf(layers, values, prefix, schema.validate(filled));
    problems.insert(problems.end(), wrong.begin(), wrong.end());
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));

  Loaded loaded{std::make_shared<const Snapshot>(std::move(layers), host, plugins), {}};
  const Snapshot& snapshot = *loaded.snapshot;
  for (const auto& [id, section, at] : *snapshot.values().find("plugins")->object()) {
    if (plugins.contains(id)) continue;
    const std::string pointer = "/plugins" + document::pointerStep(id);
    loaded.warnings.push_back(fmt::format("{}: {}: plugin not installed; its keys are kept, unchecked",
                                          snapshot.origin(pointer),
                                          document::dottedPath(snapshot.values(), pointer)));
  }
  return loaded;
}

Places placesOf(const Inputs& inputs) { return {inputs.file, inputs.need, secretFiles(inputs.environment)}; }

std::expected<Loaded, Problems> load(const Inputs& inputs, const Sources& sources) {
  std::vector<Layer> layers;
  Problems problems;
  const auto add = [&](base::Result<Layer> layer) {
    if (layer) {
      layers.push_back(std::move(*layer));
    } else {
      problems.push_back(layer.error().message);
    }
  };
  for (const Source& source : sources) {
    if (source.kind != SourceKind::kSecret) add(fileLayer(source));
  }
  auto environment = environmentLayers(inputs.environment, sources, pluginIds(inputs.plugins, layers));
  for (Layer& layer : environment.layers) layers.push_back(std::move(layer));
  problems.insert(problems.end(), environment.problems.begin(), environment.problems.end());
  for (const std::string& option : inputs.overrides) add(overrideLayer(option));

  auto loaded = merge(std::move(layers), inputs.plugins);
  if (problems.empty()) {
    if (loaded)
      loaded->warnings.insert(loaded->warnings.end(), environment.warnings.begin(),
                              environment.warnings.end());
    return loaded;
  }
  if (!loaded) problems.insert(problems.end(), loaded.error().begin(), loaded.error().end());
  return std::unexpected(std::move(problems));
}

std::expected<Loaded, Problems> load(const Inputs& inputs) {
  return load(inputs, readSources(placesOf(inputs)));
}

}  // namespace revenge::config
