#include "admin/json.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

void write(Json& json, const plugin::Outlook::Item& item) {
  json.object().key("plugin").text(item.id).key("change").text(plugin::name(item.verb));
  json.key("from").text(item.from).key("to").text(item.to).key("verdict").text(item.verdict);
  json.key("mode").text(item.mode).key("state").text(item.state);
  json.key("signature").text(item.signature).key("downgrade").boolean(item.downgrade);
  json.key("refusal").text(item.refusal).key("way_back").text(item.way_back);
  json.key("vanishing").texts(item.vanishing).end();
}

void write(Json& json, const plugin::Cause& cause) {
  json.object().key("text").text(cause.text).key("behind").array();
  for (const plugin::Cause& each : cause.behind) write(json, each);
  json.end().key("remedy").text(cause.remedy).end();
}

void write(Json& json, const plugin::GraphView::Link& link) {
  json.object().key("consumer").text(link.consumer).key("interface").text(link.interface);
  json.key("optional").boolean(link.optional).key("provider").text(link.provider);
  json.key("why").text(link.why).end();
}

}  // namespace

std::string describe(const plugin::Outlook& outlook) {
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(outlook.generation));
  json.key("feasible").boolean(outlook.feasible).key("changes").array();
  for (const plugin::Outlook::Item& item : outlook.items) write(json, item);
  json.end().key("waiting").texts(outlook.waiting).end();
  return json.take();
}

std::string describe(const plugin::Cause& cause) {
  Json json;
  write(json, cause);
  return json.take();
}

std::string describe(const plugin::GraphView& graph) {
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(graph.generation));
  json.key("plugins").array();
  for (const plugin::PluginView& view : graph.plugins) {
    json.object().key("id").text(view.id).key("version").text(view.version);
    json.key("state").text(plugin::name(view.state)).key("note").text(view.note).end();
  }
  json.end().key("links").array();
  for (const plugin::GraphView::Link& link : graph.links) write(json, link);
  json.end().end();
  return json.take();
}

}  // namespace revenge::admin
