#include "app/configuration.hpp"

#include <filesystem>
#include <utility>

#include "config/flatten.hpp"
#include "document/json.hpp"
#include "module/package_finder.hpp"

namespace revenge::app {

namespace {

constexpr const char* kDefaultFile = "config/revenge.yaml";

// A plugin's section is judged when that plugin is loaded, so that a mistake in it costs only that plugin. Here every
// section of a known plugin is accepted; one of an unknown plugin is warned of.
config::PluginSchemas permissive(const std::vector<std::string>& folders) {
  config::PluginSchemas schemas;
  std::vector<std::filesystem::path> paths(folders.begin(), folders.end());
  for (const module::Package& package : module::findPackages(paths).packages) {
    schemas.emplace(package.id, *document::Schema::load(document::Value(document::Object{}), package.id));
  }
  return schemas;
}

std::string joined(const config::Problems& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  return text;
}

document::Value underPlugin(const std::string& id, document::Value section) {
  document::Value plugins(document::Object{{id, std::move(section), {}}});
  return document::Value(document::Object{{"plugins", std::move(plugins), {}}});
}

plugin::Leaf leafOf(const config::Leaf& from) {
  plugin::Leaf leaf;
  leaf.pointer = from.pointer;
  switch (from.value->kind()) {
    case document::Kind::kNull:
      leaf.type = REVENGE_CONFIG_NULL;
      break;
    case document::Kind::kBool:
      leaf.type = REVENGE_CONFIG_BOOLEAN;
      leaf.integer = *from.value->boolean() ? 1 : 0;
      break;
    case document::Kind::kInteger:
      leaf.type = REVENGE_CONFIG_INTEGER;
      leaf.integer = *from.value->integer();
      leaf.number = static_cast<double>(leaf.integer);
      break;
    case document::Kind::kNumber:
      leaf.type = REVENGE_CONFIG_NUMBER;
      leaf.number = *from.value->number();
      break;
    case document::Kind::kString:
      leaf.type = REVENGE_CONFIG_TEXT;
      leaf.text = *from.value->text();
      break;
    case document::Kind::kArray:
      leaf.type = REVENGE_CONFIG_EMPTY_ARRAY;
      break;
    case document::Kind::kObject:
      leaf.type = REVENGE_CONFIG_EMPTY_OBJECT;
      break;
  }
  return leaf;
}

}  // namespace

std::expected<std::unique_ptr<Configuration>, config::Problems> Configuration::open(const Serve& options) {
  config::Inputs inputs;
  inputs.file = options.config.value_or(kDefaultFile);
  // A file that was there once is missed when it goes.
  if (!options.config && !std::filesystem::exists(kDefaultFile)) inputs.need = config::Need::kOptional;
  inputs.environment = options.environment;
  inputs.overrides = options.overrides;
  auto sources = config::readSources(config::placesOf(inputs));
  auto loaded = config::load(inputs, sources);
  if (!loaded) return std::unexpected(loaded.error());
  inputs.plugins = permissive(loaded->snapshot->texts("/host/plugin_folders"));
  loaded = config::load(inputs, sources);
  if (!loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<Configuration>(
      new Configuration(std::move(inputs), std::move(sources), std::move(*loaded)));
}

Configuration::Configuration(config::Inputs inputs, config::Sources sources, config::Loaded loaded)
    : inputs_(std::move(inputs)),
      sources_(std::move(sources)),
      warnings_(std::move(loaded.warnings)),
      snapshot_(std::move(loaded.snapshot)) {}

std::shared_ptr<const config::Snapshot> Configuration::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

base::Result<> Configuration::reread() {
  auto loaded = candidate(config::readSources(places()));
  if (!loaded) return base::fail(base::Errc::kInvalid, "{}", joined(loaded.error()));
  (void)exchange(std::move(loaded->snapshot));
  return {};
}

std::expected<config::Loaded, config::Problems> Configuration::candidate(
    const config::Sources& sources) const {
  return config::load(inputs_, sources);
}

std::shared_ptr<const config::Snapshot> Configuration::exchange(
    std::shared_ptr<const config::Snapshot> next) {
  const std::lock_guard lock(mutex_);
  return std::exchange(snapshot_, std::move(next));
}

base::Result<std::shared_ptr<const plugin::Section>> Configuration::section(const module::Manifest& manifest,
                                                                            const std::string& over) {
  // Without a schema there is nothing a section could hold.
  static const document::Schema kEmpty = *document::Schema::load(
      document::Value(document::Object{{"type", "object", {}}, {"additionalProperties", false, {}}}),
      "no configuration");
  std::optional<config::Layer> layer;
  if (!over.empty()) {
    auto parsed = document::parseJson(over, "plan");
    if (!parsed) return std::unexpected(parsed.error());
    layer = {"plan", fmt::format("the plan's configuration of {}", manifest.id),
             underPlugin(manifest.id, std::move(*parsed))};
  }
  const auto tree = snapshot()->pluginUnder(manifest.id, manifest.config.value_or(kEmpty), std::move(layer));
  if (!tree) return base::fail(base::Errc::kInvalid, "{}", joined(tree.error()));
  std::vector<plugin::Leaf> leaves;
  for (const config::Leaf& leaf : config::flatten(*tree)) leaves.push_back(leafOf(leaf));
  return std::make_shared<const plugin::Section>(++revision_, document::writeJson(*tree), std::move(leaves));
}

http::ServerOptions Configuration::server() const {
  const auto values = snapshot();
  const auto seconds = [&](const char* pointer) { return std::chrono::seconds(values->integer(pointer)); };
  const auto size = [&](const char* pointer) { return static_cast<std::size_t>(values->integer(pointer)); };
  http::ServerOptions options;
  options.max_header_bytes = size("/http/max_header_bytes");
  options.max_body_bytes = size("/http/max_body_bytes");
  options.max_connections = size("/http/max_connections");
  options.idle_timeout = seconds("/http/idle_timeout_s");
  options.header_timeout = seconds("/http/header_timeout_s");
  options.body_timeout = seconds("/http/body_timeout_s");
  options.write_timeout = options.body_timeout;
  options.request_timeout = seconds("/http/request_timeout_s");
  options.inline_routes = values->text("/http/inline_routes") == "allow" ? http::InlineRoutes::kAllow
                                                                         : http::InlineRoutes::kRefuse;
  options.access_log = values->boolean("/http/access_log") ? http::Toggle::kOn : http::Toggle::kOff;
  return options;
}

std::filesystem::path Configuration::flagsFile() const {
  const std::filesystem::path configuration = inputs_.file.value_or(kDefaultFile);
  return configuration.parent_path() / snapshot()->text("/flags/file");
}

observe::Level Configuration::logLevel() const {
  const std::string level = snapshot()->text("/log/level");
  return observe::parseLevel(level == "warning" ? "warn" : level).value_or(observe::Level::kInfo);
}

}  // namespace revenge::app
