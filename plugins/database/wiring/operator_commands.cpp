#include "wiring/operator_commands.hpp"

#include <filesystem>
#include <map>

#include "json.hpp"
#include "wiring/call_limit.hpp"

namespace database {

struct OfSchema {
  std::string schema;
};
REVENGE_CONFIG(OfSchema, schema)

struct ToFile {
  std::string file;
};
REVENGE_CONFIG(ToFile, file)

struct FromFile {
  std::string file;
  std::string confirm;
  bool save = true;
};
REVENGE_CONFIG(FromFile, file, confirm, save)

namespace {

using revenge::CommandRun;
using revenge::Effect;

constexpr std::string_view kOfSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {"schema": {"type": "string", "default": "", "description": "Its name; empty: all."}}})";
constexpr std::string_view kToFile = R"({
  "type": "object", "additionalProperties": false,
  "properties": {"file": {"type": "string", "default": "",
    "description": "Absolute, not there yet, in a folder that is; empty: a new one in backup_folder."}}})";
constexpr std::string_view kFromFile = R"({
  "type": "object", "additionalProperties": false, "required": ["file"],
  "properties": {
    "file": {"type": "string", "minLength": 1, "description": "The backup, by its absolute path."},
    "confirm": {"type": "string", "default": "", "description": "yes: what is there now may be replaced."},
    "save": {"type": "boolean", "default": true, "description": "Whether what is there now is backed up first."}}})";

CallLimit limitOf(const CommandRun& run) {
  return {run.call().deadline().value_or(Instant::max()), run.call()};
}

std::string_view word(StepKind kind) { return kind == StepKind::kExpand ? "expand" : "contract"; }
std::string_view word(StepState state) {
  switch (state) {
    case StepState::kDone:
      return "done";
    case StepState::kDue:
      return "due";
    case StepState::kWaits:
      return "waits for contract";
  }
  return "";
}

void write(Json& json, const Step& step, std::string_view state) {
  json.item().add("schema", step.schema).add("version", step.version).add("kind", word(step.kind));
  json.add("name", step.name).add("state", state).end();
}

void write(Json& json, std::string_view name, const PoolStats& pool) {
  json.item().add("pool", name).add("open", pool.open).add("busy", pool.busy).add("waiting", pool.waiting);
  json.add("given", pool.acquired).add("not_given", pool.timed_out).add("broken", pool.closed_broken).end();
}

void writeSchemas(Json& json, const std::vector<Step>& steps) {
  struct Summary {
    std::uint64_t version = 0;
    std::uint64_t due = 0;
    std::uint64_t waiting = 0;
  };
  std::map<std::string, Summary> schemas;
  for (const Step& step : steps) {
    Summary& of = schemas[step.schema];
    if (step.state == StepState::kDone) of.version = std::max(of.version, step.version);
    if (step.state == StepState::kDue) ++of.due;
    if (step.state == StepState::kWaits) ++of.waiting;
  }
  json.list("schemas");
  for (const auto& [name, of] : schemas)
    json.item()
        .add("schema", name)
        .add("version", of.version)
        .add("due", of.due)
        .add("wait_for_contract", of.waiting)
        .end();
  json.end();
}

void write(Json& json, const Backups& backups) {
  json.object("backups").add("folder", backups.archive().folder());
  json.add("every_h", std::chrono::duration<double, std::ratio<3600>>(backups.rules().every).count());
  json.add("keep", backups.rules().keep).add("trouble", backups.trouble());
  const auto kept = backups.archive().list();
  json.add("count", kept ? kept->size() : 0);
  if (kept && !kept->empty()) {
    const Kept& last = kept->front();
    json.object("last").add("file", last.file).add("size_bytes", last.size_bytes);
    json.add("made_at", std::chrono::system_clock::to_time_t(last.made)).end();
  } else {
    json.null("last");
  }
  json.end();
}

double secondsSince(Instant begun, const Time& time) {
  return std::chrono::duration<double>(time.now() - begun).count();
}

}  // namespace

OperatorCommands::OperatorCommands(revenge::Host& host, const Parts& parts) : parts_(parts) {
  addQuestions(host);
  addChanges(host);
}

void OperatorCommands::addQuestions(revenge::Host& host) {
  const auto commands = host.commands();
  commands.add(
      {.name = "status", .description = "Where and how large it is, its schemas, pools, and last backup."},
      [this](const CommandRun& run) { return status(limitOf(run)); });
  commands.add({.name = "plan", .description = "Which migrations are due, and which wait for contract."},
               [this](const CommandRun& run) { return plan(limitOf(run)); });
  commands.add({.name = "check",
                .description = "Whether the database is whole; reads all of it.",
                .role = revenge::For::kSteerers,
                .timeout = std::chrono::hours(6)},
               [this](const CommandRun& run) -> Answer {
                 const Instant begun = parts_.time.now();
                 const auto looked_at = parts_.upkeep.check(limitOf(run));
                 if (!looked_at) return std::unexpected(looked_at.error());
                 return Json()
                     .add("whole", true)
                     .add("looked_at", *looked_at)
                     .add("took_s", secondsSince(begun, parts_.time))
                     .take();
               });
}

void OperatorCommands::addChanges(revenge::Host& host) {
  const auto commands = host.commands();
  commands.add<OfSchema>(
      {.name = "contract",
       .description = "Runs the contract steps that wait: versions before are refused from then on.",
       .effect = Effect::kChangesOrTells,
       .schema = kOfSchema,
       .timeout = std::chrono::minutes(10)},
      [this](const CommandRun& run, const OfSchema& asked) {
        return contract(asked.schema, run.dry(), limitOf(run));
      });
  commands.add<ToFile>({.name = "backup",
                        .description = "Writes a backup while the database is in use.",
                        .effect = Effect::kChanges,
                        .schema = kToFile,
                        .timeout = std::chrono::hours(6)},
                       [this](const CommandRun& run, const ToFile& asked) -> Answer {
                         const Instant begun = parts_.time.now();
                         const auto made = parts_.backups.make(asked.file, limitOf(run));
                         if (!made) return std::unexpected(made.error());
                         std::error_code unknown;
                         return Json()
                             .add("file", *made)
                             .add("size_bytes", std::filesystem::file_size(*made, unknown))
                             .add("took_s", secondsSince(begun, parts_.time))
                             .take();
                       });
  commands.add<FromFile>(
      {.name = "restore",
       .description = "Replaces what the database holds by what a backup holds.",
       .effect = Effect::kChanges,
       .schema = kFromFile,
       .timeout = std::chrono::hours(6)},
      [this](const CommandRun& run, const FromFile& asked) -> Answer {
        if (asked.confirm != "yes")
          return fail(Errc::kRefused,
                      "it replaces all that " + parts_.upkeep.place() +
                          " holds, and loses what was written since the backup: say confirm=yes");
        const Instant begun = parts_.time.now();
        const auto restored = parts_.backups.restore(
            asked.file, asked.save ? Backups::Before::kSave : Backups::Before::kForget, limitOf(run));
        if (!restored) return std::unexpected(restored.error());
        return Json()
            .add("restored", asked.file)
            .add("saved_before", restored->saved)
            .add("took_s", secondsSince(begun, parts_.time))
            .take();
      });
  commands.add(
      {.name = "optimize",
       .description = "Renews what the database knows of its tables, by which it plans its statements.",
       .effect = Effect::kChanges,
       .timeout = std::chrono::hours(1)},
      [this](const CommandRun& run) -> Answer {
        const Instant begun = parts_.time.now();
        if (Status done = parts_.upkeep.optimize(limitOf(run)); !done)
          return std::unexpected(std::move(done.error()));
        return Json().add("optimized", true).add("took_s", secondsSince(begun, parts_.time)).take();
      });
}

// Answers also when the database does not: what is known then is what an operator looks for.
OperatorCommands::Answer OperatorCommands::status(const Limit& limit) const {
  constexpr std::chrono::seconds kPatience(5);
  const Limit near(std::min(limit.deadline(), parts_.time.now() + kPatience));
  Json json;
  json.add("dialect", parts_.database.dialect() == REVENGE_SQL_POSTGRESQL ? "postgresql" : "sqlite");
  json.add("place", parts_.upkeep.place());
  const auto vitals = parts_.upkeep.vitals(near);
  const auto steps = vitals ? parts_.schemas.steps(near) : std::unexpected(vitals.error());
  json.add("trouble", vitals ? (steps ? "" : steps.error().message) : vitals.error().message);
  if (vitals) json.add("version", vitals->version).add("size_bytes", vitals->size_bytes);
  json.add("takes_writes", parts_.database.takesWrites());
  write(json, parts_.backups);
  if (steps) writeSchemas(json, *steps);
  json.list("pools");
  if (parts_.database.dialect() == REVENGE_SQL_SQLITE) write(json, "write", parts_.database.writers());
  write(json, parts_.database.dialect() == REVENGE_SQL_SQLITE ? "read" : "all", parts_.database.readers());
  return json.take();
}

OperatorCommands::Answer OperatorCommands::plan(const Limit& limit) const {
  const auto steps = parts_.schemas.steps(limit);
  if (!steps) return std::unexpected(steps.error());
  Json json;
  json.add("done", std::ranges::count(*steps, StepState::kDone, &Step::state));
  json.list("steps");
  for (const Step& step : *steps)
    if (step.state != StepState::kDone) write(json, step, word(step.state));
  return json.take();
}

OperatorCommands::Answer OperatorCommands::contract(const std::string& schema, bool dry,
                                                    const Limit& limit) const {
  const auto steps = dry ? parts_.schemas.waiting(schema, limit) : parts_.schemas.contract(schema, limit);
  if (!steps) return std::unexpected(steps.error());
  Json json;
  json.add("dry_run", dry).add("count", steps->size()).list("steps");
  for (const Step& step : *steps) write(json, step, dry ? "would run" : "has run");
  return json.take();
}

}  // namespace database
