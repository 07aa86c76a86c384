#include "config/load.hpp"

#include <cerrno>
#include <cstdio>

#include "config/host_schema.hpp"
#include "document/yaml.hpp"

namespace revenge::config {
namespace {

using document::Value;

base::Result<std::string> readText(const std::string& path, std::size_t maxBytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file)
    return base::fail(base::Errc::kIo, "{}: {}; give another file with --config", path,
                      base::errnoText(errno));
  std::string text(maxBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return base::fail(base::Errc::kIo, "{}: {}; expected a file", path, base::errnoText(errno));
  return text;
}

base::Result<Layer> fileLayer(const std::string& path) {
  const document::Limits limits;
  const auto text = readText(path, limits.maxBytes);
  if (!text) return std::unexpected(text.error());
  if (text->size() > limits.maxBytes) {
    return base::fail(base::Errc::kLimit, "{}: more than {} bytes, which no configuration needs", path,
                      limits.maxBytes);
  }
  auto value = document::parseYaml(*text, path, limits);
  if (!value) return std::unexpected(value.error());
  if (!value->isNull() && value->object() == nullptr) {
    return base::fail(base::Errc::kInvalid,
                      "{}:{}: expected keys such as http, workers and plugins at the top", path,
                      value->position.line);
  }
  return Layer{"file", path, std::move(*value)};
}

void forgetPositions(Value& value) {
  value.position = {};
  if (document::Array* array = value.array()) {
    for (Value& item : *array) forgetPositions(item);
  }
  if (document::Object* object = value.object()) {
    for (auto& [key, member, at] : *object) {
      at = {};
      forgetPositions(member);
    }
  }
}

// "http.port=0" as {"http": {"port": 0}}.
base::Result<Layer> overrideLayer(const std::string& option) {
  const std::string origin = "--set " + document::printable(option, 120);
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos || equals == 0) {
    return base::fail(base::Errc::kInvalid, "{}: expected KEY=VALUE, such as http.port=8096", origin);
  }
  auto value = document::parseYaml(std::string_view(option).substr(equals + 1), origin);
  if (!value) {
    // An option is one line: its number says nothing.
    const std::string& told = value.error().message;
    return base::fail(value.error().code, "{}{}", origin, told.substr(told.find(": ", origin.size())));
  }
  forgetPositions(*value);
  std::string_view path = std::string_view(option).substr(0, equals);
  for (std::size_t steps = 0; !path.empty(); ++steps) {
    const std::size_t dot = path.rfind('.');
    const std::string_view step = dot == std::string_view::npos ? path : path.substr(dot + 1);
    if (step.empty() || dot == 0 || steps == 100) {
      return base::fail(base::Errc::kInvalid, "{}: expected a key such as http.port before the =", origin);
    }
    Value outer;
    outer.set(step, std::move(*value));
    *value = std::move(outer);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
  }
  return Layer{"option", origin, std::move(*value)};
}

}  // namespace

std::expected<Loaded, Problems> merge(std::vector<Layer> layers, const PluginSchemas& plugins) {
  const document::Schema host = hostSchema();
  const Value values = merged(layers);
  Problems problems = problemsOf(layers, values, "", host.validate(values));
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

std::expected<Loaded, Problems> load(const Inputs& inputs) {
  std::vector<Layer> layers;
  Problems problems;
  const auto add = [&](base::Result<Layer> layer) {
    if (layer) {
      layers.push_back(std::move(*layer));
    } else {
      problems.push_back(layer.error().message);
    }
  };
  if (inputs.file) add(fileLayer(*inputs.file));
  for (const std::string& option : inputs.overrides) add(overrideLayer(option));

  auto loaded = merge(std::move(layers), inputs.plugins);
  if (problems.empty()) return loaded;
  if (!loaded) problems.insert(problems.end(), loaded.error().begin(), loaded.error().end());
  return std::unexpected(std::move(problems));
}

}  // namespace revenge::config
