#include "admin/views.hpp"

#include <chrono>

#include <unistd.h>

#include <revenge/abi/version.h>

#include "admin/json.hpp"

namespace revenge::admin {

namespace {

double milliseconds(base::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}
double unixSeconds(base::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void write(Json& json, const plugin::InstanceView& view) {
  json.object();
  json.key("load").integer(static_cast<std::int64_t>(view.load));
  json.key("version")
      .text(view.version)
      .key("state")
      .text(plugin::name(view.state))
      .key("note")
      .text(view.note);
  json.key("inside")
      .integer(static_cast<std::int64_t>(view.inside))
      .key("since")
      .number(unixSeconds(view.since));
  json.key("holders").texts(view.holders).key("drain_s");
  json.number(std::chrono::duration<double>(view.drain).count());
  json.key("registrations").object();
  for (const auto& [kind, count] : view.registrations)
    json.key(kind).integer(static_cast<std::int64_t>(count));
  json.end().end();
}

void write(Json& json, const plugin::PluginView& view) {
  json.object();
  json.key("id").text(view.id).key("version").text(view.version).key("description").text(view.description);
  json.key("state")
      .text(plugin::name(view.state))
      .key("wanted")
      .boolean(view.wanted)
      .key("note")
      .text(view.note);
  json.key("gate").object().key("flag").text(view.gate).key("says").text(view.gate_says);
  json.key("closed").text(view.gate_closed).end();
  json.key("folder").text(view.folder.string()).key("sha256").text(view.sha256);
  json.key("signature").text(view.signature);
  json.key("rollback");
  if (view.rollback_version) {
    json.text(*view.rollback_version);
  } else {
    json.null();
  }
  json.key("since")
      .number(unixSeconds(view.since))
      .key("restarts")
      .integer(static_cast<std::int64_t>(view.restarts));
  json.key("rung").text(plugin::name(view.rung())).key("budgets").array();
  for (const plugin::BudgetStanding& standing : view.standings) {
    json.object().key("resource").text(plugin::name(standing.resource));
    json.key("rung").text(plugin::name(standing.rung));
    json.key("used").number(standing.used).key("allowed").number(standing.allowed).end();
  }
  json.end().key("instances").array();
  for (const plugin::InstanceView& instance : view.instances) write(json, instance);
  json.end().end();
}

void write(Json& json, const plugin::Step& step) {
  json.object();
  if (step.plugin.empty()) {
    json.key("note").text(step.name);
  } else {
    json.key("step").text(step.name).key("plugin").text(step.plugin);
    json.key("took_ms").number(milliseconds(step.took));
  }
  json.end();
}

void write(Json& json, const plugin::Report& report) {
  json.object().key("id").text(report.id).key("from").text(report.from).key("to").text(report.to);
  json.key("generation")
      .integer(static_cast<std::int64_t>(report.generation))
      .key("took_ms")
      .number(milliseconds(report.took))
      .key("held_ms")
      .number(milliseconds(report.held));
  json.key("steps").array();
  for (const plugin::Step& step : report.steps) write(json, step);
  json.end();
  json.key("warnings").texts(report.warnings);
  json.key("draining").texts(report.holders);
  json.key("waiting").texts(report.waiting).end();
}

std::string_view name(base::Errc code) {
  switch (code) {
    case base::Errc::kInvalid:
      return "invalid";
    case base::Errc::kNotFound:
      return "not_found";
    case base::Errc::kExists:
      return "exists";
    case base::Errc::kRefused:
      return "refused";
    case base::Errc::kDenied:
      return "denied";
    case base::Errc::kUnavailable:
      return "unavailable";
    case base::Errc::kTimedOut:
      return "timed_out";
    case base::Errc::kCancelled:
      return "cancelled";
    case base::Errc::kGone:
      return "gone";
    case base::Errc::kStale:
      return "stale";
    case base::Errc::kBusy:
      return "busy";
    case base::Errc::kLimit:
      return "limit";
    case base::Errc::kIo:
      return "io";
    case base::Errc::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace

std::string describe(const plugin::Listing& listing) {
  Json json;
  json.object()
      .key("generation")
      .integer(static_cast<std::int64_t>(listing.generation))
      .key("plugins")
      .array();
  for (const plugin::PluginView& view : listing.plugins) write(json, view);
  json.end().end();
  return json.take();
}

std::string describe(const plugin::PluginView& view) {
  Json json;
  write(json, view);
  return json.take();
}

std::string describe(const plugin::Step& step) {
  Json json;
  write(json, step);
  return json.take();
}

std::string describe(const plugin::Report& report) {
  Json json;
  write(json, report);
  return json.take();
}

std::string describe(const std::vector<plugin::Report>& reports) {
  Json json;
  const std::uint64_t generation = reports.empty() ? 0 : reports.front().generation;
  json.object().key("generation").integer(static_cast<std::int64_t>(generation)).key("reports").array();
  for (const plugin::Report& report : reports) write(json, report);
  json.end().end();
  return json.take();
}

std::string traceOf(const observe::EventCause& cause) {
  if (cause.trace_id_high == 0 && cause.trace_id_low == 0) return {};
  return fmt::format("{:016x}{:016x}", cause.trace_id_high, cause.trace_id_low);
}

std::string describe(const observe::Event& event) {
  Json json;
  json.object()
      .key("sequence")
      .integer(static_cast<std::int64_t>(event.sequence))
      .key("time")
      .number(unixSeconds(event.time));
  json.key("kind").text(event.kind).key("plugin").text(event.plugin).key("text").text(event.text);
  json.key("attributes").object();
  for (const auto& [key, value] : event.attributes) json.key(key).text(value);
  json.end();
  if (!event.source.empty()) json.key("source").text(event.source).key("hops").integer(event.cause.hops);
  if (!event.cause.request_id.empty()) json.key("request").text(event.cause.request_id);
  if (const std::string trace = traceOf(event.cause); !trace.empty()) json.key("trace").text(trace);
  if (!event.payload.empty()) json.key("payload").raw(event.payload);
  json.end();
  return json.take();
}

std::string describe(const config::Applied& applied) {
  Json json;
  json.object();
  json.key("generation").integer(static_cast<std::int64_t>(applied.generation));
  json.key("number").integer(static_cast<std::int64_t>(applied.number));
  json.key("changed").texts(applied.changed);
  json.key("restart").texts(applied.restart);
  json.key("configured").texts(applied.configured);
  json.key("reloaded").texts(applied.reloaded);
  json.key("warnings").texts(applied.warnings);
  json.end();
  return json.take();
}

std::string describe(const base::Error& error) {
  Json json;
  json.object()
      .key("error")
      .object()
      .key("code")
      .text(name(error.code))
      .key("message")
      .text(error.message)
      .end()
      .end();
  return json.take();
}

std::string describeHost(const ControlRooms& rooms) {
  const auto health = rooms.health.report();
  Json json;
  json.object().key("version").text(REVENGE_VERSION_STRING).key("pid").integer(::getpid());
  json.key("generation").integer(static_cast<std::int64_t>(rooms.plugins.list().generation));
  json.key("live")
      .boolean(health.live)
      .key("ready")
      .boolean(health.ready)
      .key("degraded")
      .boolean(health.degraded);
  json.key("urls").texts(rooms.urls);
  json.end();
  return json.take();
}

std::uint32_t statusOf(base::Errc code) {
  switch (code) {
    case base::Errc::kInvalid:
      return 422;
    case base::Errc::kNotFound:
      return 404;
    case base::Errc::kExists:
    case base::Errc::kStale:
    case base::Errc::kBusy:
      return 409;
    case base::Errc::kRefused:
    case base::Errc::kDenied:
      return 403;
    case base::Errc::kTimedOut:
      return 504;
    case base::Errc::kUnavailable:
    case base::Errc::kLimit:
      return 503;
    default:
      return 500;
  }
}

}  // namespace revenge::admin
