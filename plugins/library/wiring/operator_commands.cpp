#include "wiring/operator_commands.hpp"

#include <revenge/command.hpp>

#include "api/json_writer.hpp"
#include "wiring/sql_store.hpp"

namespace library {

namespace {

using revenge::CommandRun;
using revenge::Effect;

struct OfLibrary {
  std::string library;
};
REVENGE_CONFIG(OfLibrary, library)

constexpr std::string_view kOfLibrary = R"({
  "type": "object", "additionalProperties": false, "required": ["library"],
  "properties": {"library": {"type": "string", "minLength": 1, "maxLength": 1020, "description": "Its name or id."}}})";

std::string_view nameOf(ScanState state) {
  switch (state) {
    case ScanState::kQueued:
      return "queued";
    case ScanState::kRunning:
      return "running";
    default:
      return "idle";
  }
}

void write(api::JsonWriter& out, const ScanReport& report) {
  const auto number = [&out](std::string_view key, std::uint64_t value) {
    out.number(key, static_cast<std::int64_t>(value));
  };
  out.text("scan", nameOf(report.state));
  number("folders", report.folders);
  number("files", report.files);
  number("added", report.added);
  number("moved", report.moved);
  number("missing", report.missing);
  if (report.ended_us != 0) out.moment("ended_at", report.ended_us);
  if (!report.problems.empty()) out.text("problem", report.problems.front());
}

}  // namespace

OperatorCommands::OperatorCommands(revenge::Host& host, revenge::Sql sql, Scans& scans,
                                   std::int64_t keep_missing_us)
    : sql_(sql), scans_(scans), keep_missing_us_(keep_missing_us) {
  now_us_ = [clock = host.clock()] {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock.wall().time_since_epoch()).count();
  };
  const auto commands = host.commands();
  commands.add({.name = "libraries", .description = "Which there are, and how far their scans are."},
               [this](const CommandRun& run) { return libraries(run.call()); });
  commands.add<OfLibrary>(
      {.name = "scan",
       .description = "Looks at all folders of a library.",
       .effect = Effect::kChanges,
       .schema = kOfLibrary},
      [this](const CommandRun& run, const OfLibrary& asked) { return scan(run.call(), asked.library); });
  commands.add<OfLibrary>({.name = "purge",
                           .description = "Deletes what has been missing for long, however much it is.",
                           .effect = Effect::kChangesOrTells,
                           .schema = kOfLibrary},
                          [this](const CommandRun& run, const OfLibrary& asked) {
                            return purge(run.call(), asked.library, run.dry());
                          });
}

revenge::Result<Id> OperatorCommands::find(const revenge::Call& call, std::string_view library) const {
  const Id id = parseId(library).value_or(Id());
  const auto found =
      sql_.query(call, "SELECT id FROM library_library WHERE name = $1 OR id = $2", library, blob(id)).wait();
  if (!found) return std::unexpected(found.error());
  if (found->empty())
    return revenge::fail(revenge::Errc::kNotFound, "there is no library '" + std::string(library) + "'");
  return idOf((*found)[0].text(0)).value_or(Id());
}

OperatorCommands::Answer OperatorCommands::libraries(const revenge::Call& call) const {
  const auto found = sql_.query(call,
                                "SELECT l.id, l.name, l.type, (SELECT count(*) FROM library_item i WHERE "
                                "i.library = l.id AND i.files > 0), "
                                "(SELECT count(*) FROM library_root r WHERE r.library = l.id AND r.state = "
                                "'offline') FROM library_library "
                                "l ORDER BY l.name")
                         .wait();
  if (!found) return std::unexpected(found.error());
  api::JsonWriter out;
  out.beginObject();
  out.beginArray("libraries");
  for (const revenge::SqlRow row : *found) {
    const Id id = idOf(row.text(0)).value_or(Id());
    out.beginObject();
    out.text("name", row.text(1));
    out.text("type", row.text(2));
    out.text("id", text(id));
    out.text("state", row.integer(4) > 0 ? "offline" : "online");
    out.number("items", row.integer(3));
    write(out, scans_.report(id));
    out.endObject();
  }
  out.endArray();
  out.endObject();
  return out.take();
}

OperatorCommands::Answer OperatorCommands::scan(const revenge::Call& call, std::string_view library) const {
  const auto id = find(call, library);
  if (!id) return std::unexpected(id.error());
  scans_.start(*id);
  api::JsonWriter out;
  out.beginObject();
  out.text("id", text(*id));
  write(out, scans_.report(*id));
  out.endObject();
  return out.take();
}

OperatorCommands::Answer OperatorCommands::purge(const revenge::Call& call, std::string_view library,
                                                 bool dry) const {
  const auto id = find(call, library);
  if (!id) return std::unexpected(id.error());
  SqlStore store(sql_, call, *id, now_us_);
  const auto count = store.purge(keep_missing_us_, dry);
  if (!count) return std::unexpected(count.error());
  api::JsonWriter out;
  out.beginObject();
  out.number(dry ? "would_delete" : "deleted", static_cast<std::int64_t>(*count));
  out.endObject();
  return out.take();
}

}  // namespace library
