#include "admin/health_view.hpp"

#include <chrono>

#include <revenge/abi/version.h>

#include "admin/json.hpp"

namespace revenge::admin {

namespace {

using observe::HealthEntry;
using observe::Probe;

double seconds(base::Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view name(observe::Affects affects) {
  switch (affects) {
    case observe::Affects::kLiveness:
      return "live";
    case observe::Affects::kStartup:
      return "startup";
    case observe::Affects::kReadiness:
      return "ready";
    case observe::Affects::kDetail:
      return "detail";
  }
  return "detail";
}

void write(Json& json, const HealthEntry& entry, base::WallTime now) {
  json.object().key("status").text(observe::rowOf(verdictOf(entry)).status);
  json.key("affects").text(name(entry.affects)).key("pending").boolean(entry.pending);
  json.key("since").number(seconds(entry.since.time_since_epoch()));
  if (entry.checked) json.key("age_s").number(seconds(now - *entry.checked));
  if (!entry.reason.empty()) json.key("output").text(entry.reason);
  json.end();
}

}  // namespace

std::string tellHealth(observe::Verdict verdict) {
  Json json;
  json.object().key("status").text(observe::rowOf(verdict).status).end();
  return json.take();
}

std::string tellHealth(const observe::HealthReport& report) {
  Json json;
  const auto status = [&](Probe probe) { return observe::rowOf(report.verdict(probe)).status; };
  json.object().key("status").text(status(Probe::kReady)).key("version").text(REVENGE_VERSION_STRING);
  json.key("live").text(status(Probe::kLive));
  json.key("startup").text(status(Probe::kStartup));
  json.key("ready").text(status(Probe::kReady));
  json.key("checks").object();
  // Entries of one key stand together: they are sorted.
  for (std::size_t i = 0; i < report.entries.size();) {
    const HealthEntry& first = report.entries[i];
    json.key(first.component + ":" + first.name).array();
    for (; i < report.entries.size(); ++i) {
      const HealthEntry& entry = report.entries[i];
      if (entry.component != first.component || entry.name != first.name) break;
      write(json, entry, report.at);
    }
    json.end();
  }
  json.end().end();
  return json.take();
}

}  // namespace revenge::admin
