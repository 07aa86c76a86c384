#include "app/configuration.hpp"

#include <algorithm>
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

observe::Level levelOf(const std::string& level) {
  return observe::parseLevel(level == "warning" ? "warn" : level).value_or(observe::Level::kInfo);
}

// What the schema cannot say of them.
config::Problems proxiesOf(const config::Snapshot& values) {
  config::Problems problems;
  for (const auto& [pointer, key] :
       {std::pair("/http/identity/trusted_proxies", "http.identity.trusted_proxies"),
        std::pair("/http/proxy_protocol/from", "http.proxy_protocol.from")}) {
    for (const std::string& range : values.texts(pointer)) {
      if (const auto network = http::Network::parse(range); !network)
        problems.push_back(fmt::format("{}: {}: {}", values.origin(pointer), key, network.error().message));
    }
  }
  return problems;
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
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
  if (auto wrong = proxiesOf(*loaded->snapshot); !wrong.empty()) return std::unexpected(std::move(wrong));
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
      first_(std::move(loaded.snapshot)),
      current_(first_) {}

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

std::expected<config::Loaded, config::Problems> Configuration::candidate(
    const config::Sources& sources, config::PluginSchemas schemas) const {
  config::Inputs inputs = inputs_;
  for (auto& [id, schema] : schemas) inputs.plugins.insert_or_assign(id, std::move(schema));
  return config::load(inputs, sources);
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
  const document::Schema& schema = manifest.config ? *manifest.config : kEmpty;
  const auto values = snapshot();
  std::vector<document::Schema> others;
  for (module::Manifest& other : versions_ ? versions_(manifest.id) : std::vector<module::Manifest>()) {
    if (other.config) others.push_back(std::move(*other.config));
  }
  const auto left_out = values->keysOfOthers(manifest.id, schema, others);
  const auto tree = values->pluginUnder(manifest.id, schema, std::move(layer), left_out);
  if (!tree) return base::fail(base::Errc::kInvalid, "{}", joined(tree.error()));
  return std::make_shared<const plugin::Section>(++revision_, document::writeJson(*tree),
                                                 plugin::leavesOf(config::flatten(*tree)));
}

std::chrono::seconds Configuration::session() const {
  return std::chrono::seconds(snapshot()->integer("/http/identity/session_s"));
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
  options.body_bytes_per_s = static_cast<std::uint64_t>(values->integer("/http/body_min_bytes_per_s"));
  options.request_timeout = seconds("/http/request_timeout_s");
  options.inline_routes = values->text("/http/inline_routes") == "allow" ? http::InlineRoutes::kAllow
                                                                         : http::InlineRoutes::kRefuse;
  options.identity.field = lowered(values->text("/http/identity/header"));
  for (const std::string& range : values->texts("/http/identity/trusted_proxies")) {
    if (auto network = http::Network::parse(range)) options.identity.proxies.push_back(*network);
  }
  for (const std::string& range : values->texts("/http/proxy_protocol/from")) {
    if (auto network = http::Network::parse(range)) options.proxied_from.push_back(*network);
  }
  options.access_log = values->boolean("/http/access_log") ? http::Toggle::kOn : http::Toggle::kOff;
  return options;
}

http::OutgoingOptions Configuration::outgoing() const {
  const auto values = snapshot();
  const auto of = [](const char* key) { return std::string("/http_client/") + key; };
  const auto seconds = [&](const char* key) { return std::chrono::seconds(values->integer(of(key))); };
  const auto size = [&](const char* key) { return static_cast<std::size_t>(values->integer(of(key))); };
  http::OutgoingOptions options;
  options.max_connections = size("max_connections");
  options.max_per_origin = size("max_connections_per_origin");
  options.max_requests = size("max_requests");
  options.max_waiting = size("max_waiting");
  options.max_buffered_bytes = size("max_buffered_bytes");
  options.max_response_bytes = size("max_response_bytes");
  options.max_header_bytes = size("max_header_bytes");
  options.request_timeout = seconds("request_timeout_s");
  options.connect_timeout = seconds("connect_timeout_s");
  options.tls_timeout = seconds("tls_timeout_s");
  options.first_byte_timeout = seconds("first_byte_timeout_s");
  options.idle_timeout = seconds("idle_timeout_s");
  options.max_idle = size("max_idle");
  options.keep_idle = seconds("keep_idle_s");
  options.unverified = values->texts("/http_client/unverified_hosts");
  return options;
}

process::ProcessOptions Configuration::processes() const {
  const auto values = snapshot();
  process::ProcessOptions options;
  options.max_running = static_cast<std::size_t>(values->integer("/process/max_running"));
  options.max_running_per_plugin =
      static_cast<std::size_t>(values->integer("/process/max_running_per_plugin"));
  options.max_collected_bytes = static_cast<std::uint64_t>(values->integer("/process/max_collected_bytes"));
  options.grace = std::chrono::seconds(values->integer("/process/grace_s"));
  options.path = values->text("/process/path");
  return options;
}

std::filesystem::path Configuration::flagsFile() const {
  const std::filesystem::path configuration = inputs_.file.value_or(kDefaultFile);
  return configuration.parent_path() / snapshot()->text("/flags/file");
}

observe::Level Configuration::logLevel() const { return levelOf(snapshot()->text("/log/level")); }

observe::LogLevels Configuration::logLevels() const {
  const auto values = snapshot();
  const document::Value* const found = values->values().at("/log/levels");
  observe::LogLevels levels;
  if (found == nullptr || found->object() == nullptr) return levels;
  for (const document::Member& member : *found->object())
    levels.emplace(member.key, levelOf(*member.value.text()));
  return levels;
}

observe::LogPolicy Configuration::logPolicy() const {
  const auto values = snapshot();
  observe::LogPolicy policy;
  policy.redact = values->texts("/log/redact");
  policy.sample.first = static_cast<std::uint32_t>(values->integer("/log/sample/first"));
  policy.sample.then_every = static_cast<std::uint32_t>(values->integer("/log/sample/then_every"));
  policy.sample.tick = std::chrono::milliseconds(values->integer("/log/sample/tick_ms"));
  policy.sources =
      values->boolean("/log/source") ? observe::LogSources::kWritten : observe::LogSources::kLeftOut;
  return policy;
}

observe::LogOutputOptions Configuration::logOutput() const {
  const auto values = snapshot();
  const auto kib = [&](const char* pointer) {
    return static_cast<std::size_t>(values->integer(pointer)) << 10U;
  };
  observe::LogOutputOptions options;
  options.format =
      values->text("/log/format") == "json" ? observe::LogFormat::kJson : observe::LogFormat::kText;
  options.standard_error =
      values->boolean("/log/stderr") ? observe::LogStderr::kOn : observe::LogStderr::kOff;
  options.file = values->text("/log/file");
  options.thread_bytes = kib("/log/thread_queue_kib");
  options.queue_bytes = kib("/log/output_queue_kib");
  options.policy = logPolicy();
  return options;
}

}  // namespace revenge::app
