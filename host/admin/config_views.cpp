#include "admin/config_views.hpp"

#include <chrono>

#include "admin/json.hpp"
#include "document/json.hpp"

namespace revenge::admin {

namespace {

using document::Value;

double seconds(base::WallTime at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }

void write(Json& json, const Value& value) {
  if (const document::Object* const object = value.object()) {
    json.object();
    for (const document::Member& member : *object) write(json.key(member.key), member.value);
    json.end();
  } else if (const document::Array* const array = value.array()) {
    json.array();
    for (const Value& item : *array) write(json, item);
    json.end();
  } else if (const std::string* const text = value.text()) {
    json.text(*text);
  } else if (const auto boolean = value.boolean()) {
    json.boolean(*boolean);
  } else if (value.kind() == document::Kind::kInteger) {
    json.integer(*value.integer());
  } else if (const auto number = value.number()) {
    json.number(*number);
  } else {
    json.null();
  }
}

// What is not there has no member.
void write(Json& json, std::string_view key, const std::optional<Value>& value) {
  if (value) write(json.key(key), *value);
}

void write(Json& json, const std::vector<config::Difference>& differences) {
  json.array();
  for (const config::Difference& each : differences) {
    json.object().key("key").text(each.key);
    write(json, "before", each.before);
    write(json, "after", each.after);
    json.key("secret").boolean(each.secret).key("origin").text(each.origin);
    json.key("effect").text(config::name(each.effect)).end();
  }
  json.end();
}

}  // namespace

std::string describe(const std::vector<config::Entry>& entries) {
  Json json;
  json.object().key("values").array();
  for (const config::Entry& each : entries) {
    json.object().key("key").text(each.key).key("value");
    write(json, each.value);
    json.key("secret").boolean(each.secret).key("origin").text(each.origin).end();
  }
  json.end().end();
  return json.take();
}

std::string describe(const config::Explained& explained) {
  Json json;
  json.object().key("key").text(explained.key).key("type").text(explained.type);
  json.key("description").text(explained.description).key("secret").boolean(explained.secret);
  json.key("section").boolean(explained.section).key("effect").text(config::name(explained.effect));
  json.key("value");
  write(json, explained.value);
  json.key("waits").text(explained.waits).key("layers").array();
  for (const config::LayerValue& each : explained.layers) {
    json.object().key("layer").text(each.layer).key("origin").text(each.origin).key("value");
    write(json, each.value);
    json.key("wins").boolean(!explained.section && &each == &explained.layers.back()).end();
  }
  json.end().end();
  return json.take();
}

std::string describe(const std::vector<config::Difference>& differences) {
  Json json;
  json.object().key("differences");
  write(json, differences);
  json.end();
  return json.take();
}

std::string describe(const config::Verdict& verdict) {
  Json json;
  json.object().key("valid").boolean(verdict.problems.empty());
  json.key("problems").texts(verdict.problems).key("warnings").texts(verdict.warnings).end();
  return json.take();
}

std::string describe(const config::HistoryView& history) {
  Json json;
  json.object().key("number").integer(static_cast<std::int64_t>(history.number));
  json.key("trouble").text(history.trouble).key("kept").array();
  for (const config::Kept& each : history.kept) {
    json.object()
        .key("number")
        .integer(static_cast<std::int64_t>(each.number))
        .key("at")
        .number(seconds(each.at));
    json.key("by").text(each.by).key("changed").texts(each.changed).end();
  }
  json.end().key("refused");
  if (history.refused) {
    json.object().key("at").number(seconds(history.refused->at)).key("by").text(history.refused->by);
    json.key("reasons").texts(history.refused->reasons).end();
  } else {
    json.null();
  }
  json.end();
  return json.take();
}

std::string describe(const config::Outcome& outcome) {
  const config::Applied& applied = outcome.applied;
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(applied.generation));
  json.key("number").integer(static_cast<std::int64_t>(applied.number));
  json.key("dry_run").boolean(outcome.run == config::Run::kDry).key("differences");
  write(json, outcome.differences);
  json.key("changed").texts(applied.changed).key("restart").texts(applied.restart);
  json.key("configured").texts(applied.configured).key("reloaded").texts(applied.reloaded);
  json.key("files").texts(outcome.files).key("warnings").texts(applied.warnings).end();
  return json.take();
}

}  // namespace revenge::admin
