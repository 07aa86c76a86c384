#include "admin/flags_views.hpp"

#include <chrono>

#include "admin/json.hpp"

namespace revenge::admin {

namespace {

double unixSeconds(base::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void numberOrNull(Json& json, const std::optional<double>& number) {
  if (number) {
    json.number(*number);
  } else {
    json.null();
  }
}

// Members of an object that is open.
void members(Json& json, const flags::FlagView& view) {
  json.key("key").text(view.key).key("defined").boolean(view.isDefined()).key("says").text(view.says);
  json.key("type").text(flags::name(view.type)).key("variants").texts(view.variants);
  json.key("default").text(view.standard).key("percentage");
  numberOrNull(json, view.percentage);
  json.key("rules").integer(static_cast<std::int64_t>(view.rules));
  json.key("prerequisites").texts(view.prerequisites);
  json.key("owner").text(view.owner).key("remove_when").text(view.remove_when);
  json.key("overdue").boolean(view.is_overdue).key("line").integer(view.line).key("changed");
  if (!view.author) {
    json.null();
    return;
  }
  json.object().key("by").text(view.author->who).key("at").number(unixSeconds(view.author->at)).end();
}

}  // namespace

std::string describe(const std::vector<flags::FlagView>& views, std::string_view file,
                     std::uint64_t generation) {
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(generation)).key("file").text(file);
  json.key("flags").array();
  for (const flags::FlagView& view : views) {
    json.object();
    members(json, view);
    json.end();
  }
  json.end().end();
  return json.take();
}

std::string describe(const flags::FlagView& view, std::string_view file, std::uint64_t generation) {
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(generation)).key("file").text(file);
  members(json, view);
  json.end();
  return json.take();
}

std::string describe(const flags::Edited& edited) {
  Json json;
  json.object().key("generation").integer(static_cast<std::int64_t>(edited.generation));
  json.key("dry_run").boolean(edited.run == flags::Run::kDry).key("file").text(edited.file);
  json.key("before").object();
  members(json, edited.before);
  json.end().key("after").object();
  members(json, edited.after);
  json.end().key("warnings").texts(edited.warnings).end();
  return json.take();
}

std::string describe(std::string_view key, std::string_view user, const flags::Explanation& told) {
  Json json;
  json.object().key("key").text(key).key("user").text(user);
  json.key("type").text(told.is_known ? flags::name(told.type) : std::string_view());
  json.key("value").text(told.value).key("variant").text(told.variant);
  json.key("reason").text(flags::name(told.reason)).key("fault").text(flags::name(told.fault));
  json.key("rule");
  if (told.rule < 0) {
    json.null();
  } else {
    json.integer(told.rule);
  }
  json.key("prerequisite").text(told.prerequisite).key("bucket");
  numberOrNull(json, told.bucket);
  json.key("line").integer(told.line).key("owner").text(told.owner).key("remove_when").text(told.remove_when);
  json.end();
  return json.take();
}

}  // namespace revenge::admin
