#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "admin/control_table.hpp"
#include "admin/json.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

namespace {

// The level of all components that nothing else is said about.
constexpr std::string_view kDefault = "default";

void put(Json& json, std::string_view name, const observe::LogLevel& level) {
  json.key("name")
      .text(name)
      .key("level")
      .text(observe::name(level.level))
      .key("from")
      .text(observe::name(level.from));
}

std::string describeLevels(const observe::Log& log) {
  Json json;
  json.object().key("default").object();
  put(json, kDefault, log.level());
  json.end().key("components").array();
  for (const observe::LogComponentInfo& component : log.components()) {
    json.object();
    put(json, component.name, component.level);
    json.key("suppressed").integer(static_cast<std::int64_t>(component.suppressed));
    json.key("breaches").integer(static_cast<std::int64_t>(component.breaches));
    json.end();
  }
  json.end().end();
  return json.take();
}

std::string describeLevel(std::string_view name, const observe::LogLevel& before,
                          const observe::LogLevel& level) {
  Json json;
  json.object();
  put(json, name, level);
  json.key("before").text(observe::name(before.level));
  json.end();
  return json.take();
}

// The component that is meant: by its name, or by the id of an installed plugin.
base::Result<std::string> componentNamed(const ControlRooms& rooms, std::string_view name) {
  if (name == kDefault) return std::string(kDefault);
  const auto components = rooms.log.components();
  const auto known = [&](std::string_view wanted) {
    return std::ranges::find(components, wanted, &observe::LogComponentInfo::name) != components.end();
  };
  if (known(name)) return std::string(name);
  const std::string_view id = name.starts_with("plugin/") ? name.substr(7) : name;
  std::string plugin = fmt::format("plugin/{}", id);
  const auto listing = rooms.plugins.list();
  const bool installed =
      std::ranges::find(listing.plugins, id, &plugin::PluginView::id) != listing.plugins.end();
  if (installed || known(plugin)) return plugin;
  return base::fail(base::Errc::kNotFound, "no component '{}' has logged and no plugin is called so", name);
}

observe::LogLevel levelOf(const observe::Log& log, std::string_view component) {
  return component == kDefault ? log.level() : log.level(component);
}

void set(observe::Log& log, std::string_view component, std::optional<observe::Level> level) {
  if (component == kDefault)
    level ? log.setLevel(*level) : log.clearLevel();
  else
    level ? log.setLevel(component, *level) : log.clearLevel(component);
}

}  // namespace

void addLogRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/log/levels",
             [rooms](http::Exchange& exchange) { return answer(exchange, 200, describeLevels(rooms->log)); });
  table.change(http::Method::kPost, "/v1/log/levels", [rooms](http::Exchange& exchange, Deed& deed) {
    const auto component = componentNamed(*rooms, queryParameter(exchange, "component"));
    if (!component) return refuse(exchange, component.error());
    const std::string_view given = queryParameter(exchange, "level");
    const auto level = observe::parseLevel(given == "warning" ? "warn" : given);
    if (!level && given != kDefault) {
      return refuse(
          exchange,
          {base::Errc::kInvalid,
           fmt::format("level: expected trace, debug, info, warn, error, off or default, got '{}'", given)});
    }
    const observe::LogLevel before = levelOf(rooms->log, *component);
    set(rooms->log, *component, level);
    const observe::LogLevel now = levelOf(rooms->log, *component);
    deed = {"log level " + *component, std::string(observe::name(before.level)),
            std::string(observe::name(now.level))};
    return answer(exchange, 200, describeLevel(*component, before, now));
  });
}

}  // namespace revenge::admin
