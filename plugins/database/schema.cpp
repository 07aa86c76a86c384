#include "schema.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <thread>

#include <fmt/format.h>

#include "block_reader.hpp"
#include "one_row.hpp"

namespace database {

namespace {

constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS revenge_migrations (schema_name TEXT NOT NULL, version BIGINT NOT NULL, "
    "kind TEXT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_us BIGINT NOT NULL, "
    "took_ms BIGINT NOT NULL, PRIMARY KEY (schema_name, version));";
constexpr std::int64_t kAdvisoryLock = 0x7265'7665'6e67'6501;  // of PostgreSQL, for all hosts on one database

// FNV-1a, 64 bits: tells a text that was edited by mistake from the one that ran; it guards against nobody.
std::string checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string_view word(StepKind kind) { return kind == StepKind::kExpand ? "expand" : "contract"; }

bool isName(std::string_view name) {
  if (name.empty() || name.size() > 40 || std::islower(static_cast<unsigned char>(name[0])) == 0)
    return false;
  return std::ranges::all_of(name, [](char c) {
    return c == '_' || std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

revenge_sql_value textValue(std::string_view text) {
  const revenge_view bytes{.data = text.data(), .size = text.size()};
  return {sizeof(revenge_sql_value), REVENGE_SQL_TEXT, 0, 0, bytes};
}
revenge_sql_value integerValue(std::int64_t number) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_INTEGER, number, 0, {}};
}

std::string_view viewOf(revenge_view view) { return {view.data, view.size}; }

// A block that is freed at its end.
class Rows {
 public:
  explicit Rows(revenge_buffer block) : block_(block) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { block_.release(block_.owner); }
  BlockReader read() const { return BlockReader({block_.data, block_.size}); }

 private:
  revenge_buffer block_;
};

}  // namespace

Result<Schema> schemaOf(const revenge_sql_schema* given, std::uint32_t dialect) {
  if (given == nullptr || given->size < sizeof(revenge_sql_schema))
    return fail(Errc::kInvalid, "schema is NULL, or its size is not set");
  Schema schema{.name = std::string(viewOf(given->name)), .migrations = {}};
  if (!isName(schema.name))
    return fail(Errc::kInvalid,
                fmt::format("schema '{}': expected a name of a-z, 0-9 and _, at most 40", schema.name));
  if (given->migration_count > 0 &&
      (given->migrations == nullptr || given->migrations->size != sizeof(revenge_sql_migration)))
    return fail(Errc::kInvalid,
                "migrations is NULL, or the size of its first is not the one of this revision");
  for (std::size_t i = 0; i < given->migration_count; ++i) {
    const revenge_sql_migration& one = given->migrations[i];
    const bool own = dialect == REVENGE_SQL_POSTGRESQL && one.postgresql.size > 0;
    Migration migration{.version = one.version,
                        .kind = one.kind == REVENGE_SQL_CONTRACT ? StepKind::kContract : StepKind::kExpand,
                        .name = std::string(viewOf(one.name)),
                        .text = std::string(viewOf(own ? one.postgresql : one.sqlite))};
    if (one.version != i + 1)
      return fail(Errc::kInvalid,
                  fmt::format("schema '{}': migration {} '{}' stands at place {}; they count from 1 "
                              "without a gap",
                              schema.name, one.version, migration.name, i + 1));
    if (migration.name.empty() || migration.text.empty() || one.kind > REVENGE_SQL_CONTRACT)
      return fail(Errc::kInvalid, fmt::format("schema '{}': migration {}: it lacks a name, a text or a kind",
                                              schema.name, one.version));
    schema.migrations.push_back(std::move(migration));
  }
  return schema;
}

// Writes nothing: where no migration has run, there is no table of them.
Result<std::vector<Schemas::Done>> Schemas::done(Connection& connection, const Limit& limit) const {
  const std::string_view asks =
      database_.dialect() == REVENGE_SQL_POSTGRESQL
          ? "SELECT 1 WHERE to_regclass('revenge_migrations') IS NOT NULL"
          : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'revenge_migrations'";
  auto there = oneRow(connection, asks, limit);
  if (!there) return std::unexpected(std::move(there.error()));
  if (there->missing()) return std::vector<Done>();
  BlockWriter writer;
  writer.begin(UINT64_MAX);
  const Statement statement{.text =
                                "SELECT schema_name, version, kind, name, checksum FROM revenge_migrations "
                                "ORDER BY schema_name, version",
                            .values = {}};
  if (Status read = connection.execute(statement, limit, writer); !read)
    return std::unexpected(std::move(read.error()));
  const Rows rows(writer.finish());
  const BlockReader block = rows.read();
  std::vector<Done> done;
  done.reserve(block.rows());
  for (std::uint64_t i = 0; i < block.rows(); ++i) {
    done.push_back(
        {.schema = std::string(block.text(i, 0)),
         .version = static_cast<std::uint64_t>(block.integer(i, 1)),
         .kind = block.text(i, 2) == word(StepKind::kContract) ? StepKind::kContract : StepKind::kExpand,
         .name = std::string(block.text(i, 3)),
         .checksum = std::string(block.text(i, 4))});
  }
  return done;
}

Result<std::vector<Migration>> Schemas::lacking(const Schema& schema, StepKind kind,
                                                const std::vector<Done>& done) const {
  std::vector<Migration> lacking;
  for (const Migration& migration : schema.migrations) {
    const auto ran = std::ranges::find_if(
        done, [&](const Done& one) { return one.schema == schema.name && one.version == migration.version; });
    if (ran == done.end()) {
      if (migration.kind == kind) lacking.push_back(migration);
    } else if (ran->checksum != checksum(migration.text)) {
      return fail(
          Errc::kRefused,
          fmt::format(
              "schema '{}': migration {} '{}' has run with another text ({} then, {} now); a migration "
              "never changes, write a new one",
              schema.name, migration.version, migration.name, ran->checksum, checksum(migration.text)));
    }
  }
  for (const Done& one : done) {
    if (one.schema != schema.name || one.version <= schema.migrations.size() || one.kind == StepKind::kExpand)
      continue;
    return fail(
        Errc::kRefused,
        fmt::format(
            "schema '{}': the database was contracted by migration {} '{}', which this version does not "
            "know (it knows {}); it takes a version that does",
            schema.name, one.version, one.name, schema.migrations.size()));
  }
  return lacking;
}

// Held until the connection ends. SQLite has its write lock, which each step takes.
Status Schemas::lock(Connection& connection, const Limit& limit) {
  if (database_.dialect() != REVENGE_SQL_POSTGRESQL) return {};
  constexpr std::chrono::milliseconds kPause(50);
  const revenge_sql_value key = integerValue(kAdvisoryLock);
  for (;;) {
    BlockWriter writer;
    writer.begin(UINT64_MAX);
    const Statement statement{.text = "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END",
                              .values = {&key, 1}};
    if (Status asked = connection.execute(statement, limit, writer); !asked) return asked;
    const Rows rows(writer.finish());
    if (rows.read().integer(0, 0) == 1) return {};
    if (time_.now() >= limit.deadline() || limit.isGivenUp())
      return fail(Errc::kTimedOut, "another host runs migrations, and did not end in time");
    std::this_thread::sleep_for(kPause);
  }
}

Status Schemas::runOne(Connection& connection, const Schema& schema, const Migration& migration,
                       const Limit& limit) {
  const Instant begun = time_.now();
  if (Status opened = connection.begin(Isolation::kSerializable, Access::kWrite, limit); !opened)
    return opened;
  // Under the lock now: another host may have run it meanwhile.
  auto ran = done(connection, limit);
  if (!ran) return std::unexpected(std::move(ran.error()));
  const bool already = std::ranges::any_of(
      *ran, [&](const Done& one) { return one.schema == schema.name && one.version == migration.version; });
  if (already) return connection.rollback(limit);
  Status done = connection.script(migration.text, limit);
  const Duration took = time_.now() - begun;
  if (done) {
    const std::string sum = checksum(migration.text);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::array values{
        textValue(schema.name),
        integerValue(static_cast<std::int64_t>(migration.version)),
        textValue(word(migration.kind)),
        textValue(migration.name),
        textValue(sum),
        integerValue(std::chrono::duration_cast<std::chrono::microseconds>(now).count()),
        integerValue(std::chrono::duration_cast<std::chrono::milliseconds>(took).count())};
    BlockWriter ignored;
    ignored.begin(UINT64_MAX);
    done = connection.execute(
        {.text = "INSERT INTO revenge_migrations VALUES ($1, $2, $3, $4, $5, $6, $7)", .values = values},
        limit, ignored);
  }
  if (done) done = connection.commit(limit);
  if (!done) {
    static_cast<void>(connection.rollback(limit));
    return fail(done.error().code, fmt::format("schema '{}': migration {} '{}': {}", schema.name,
                                               migration.version, migration.name, done.error().message));
  }
  ran_({schema.name, migration.version, migration.kind, migration.name, StepState::kDone}, took);
  return {};
}

Result<std::vector<Step>> Schemas::run(const Schema& schema, StepKind kind, const Limit& limit) {
  const std::lock_guard one_at_a_time(running_);
  auto connection = database_.connectApart(limit);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (Status locked = lock(**connection, limit); !locked) return std::unexpected(std::move(locked.error()));
  if (Status made = (*connection)->script(kTable, limit); !made)
    return std::unexpected(std::move(made.error()));
  auto ran = done(**connection, limit);
  if (!ran) return std::unexpected(std::move(ran.error()));
  auto due = lacking(schema, kind, *ran);
  if (!due) return std::unexpected(std::move(due.error()));
  std::vector<Step> steps;
  for (const Migration& migration : *due) {
    if (Status done = runOne(**connection, schema, migration, limit); !done)
      return std::unexpected(std::move(done.error()));
    steps.push_back({schema.name, migration.version, migration.kind, migration.name, StepState::kDone});
  }
  return steps;
}

Status Schemas::expand(const Schema& schema, const Limit& limit) {
  auto ran = run(schema, StepKind::kExpand, limit);
  if (!ran) return std::unexpected(std::move(ran.error()));
  const std::lock_guard lock(mutex_);
  known_.insert_or_assign(schema.name, schema);
  return {};
}

Status Schemas::expandAll(const Limit& limit) {
  std::vector<Schema> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, schema] : known_) all.push_back(schema);
  }
  for (const Schema& schema : all)
    if (Status ran = expand(schema, limit); !ran) return ran;
  return {};
}

// Each text with its length before it; a schema is its name, the number of its steps, and of each kind, name and text.
std::string Schemas::save() const {
  std::string saved;
  const auto write = [&](std::string_view text) { saved += fmt::format("{}:{}", text.size(), text); };
  const std::lock_guard lock(mutex_);
  for (const auto& [name, schema] : known_) {
    write(name);
    write(std::to_string(schema.migrations.size()));
    for (const Migration& migration : schema.migrations) {
      write(word(migration.kind));
      write(migration.name);
      write(migration.text);
    }
  }
  return saved;
}

Status Schemas::takeOver(std::string_view saved) {
  bool broken = false;
  const auto read = [&]() -> std::string_view {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(saved.data(), saved.data() + saved.size(), size);
    const auto digits = static_cast<std::size_t>(end - saved.data());
    broken = broken || error != std::errc() || digits >= saved.size() || *end != ':' ||
             saved.size() - digits - 1 < size;
    if (broken) return {};
    const std::string_view text = saved.substr(digits + 1, size);
    saved.remove_prefix(digits + 1 + size);
    return text;
  };
  std::map<std::string, Schema> all;
  while (!saved.empty() && !broken) {
    Schema schema{.name = std::string(read()), .migrations = {}};
    const std::string_view count = read();
    std::size_t steps = 0;
    broken = broken || std::from_chars(count.data(), count.data() + count.size(), steps).ec != std::errc();
    for (std::size_t i = 0; i < steps && !broken; ++i) {
      const auto kind = read() == word(StepKind::kContract) ? StepKind::kContract : StepKind::kExpand;
      const std::string_view name = read();
      schema.migrations.push_back(
          {.version = i + 1, .kind = kind, .name = std::string(name), .text = std::string(read())});
    }
    all.insert_or_assign(schema.name, std::move(schema));
  }
  if (broken) return fail(Errc::kInvalid, "the schemas of the instance before cannot be read");
  const std::lock_guard lock(mutex_);
  known_ = std::move(all);
  return {};
}

Result<std::vector<Schema>> Schemas::asked(const std::string& name) {
  std::vector<Schema> asked;
  std::string others;
  const std::lock_guard lock(mutex_);
  for (const auto& [known, schema] : known_) {
    if (name.empty() || name == known) asked.push_back(schema);
    others += (others.empty() ? "" : ", ") + known;
  }
  if (asked.empty() && !name.empty())
    return fail(Errc::kNotFound, fmt::format("schema '{}': no running plugin has asked for it; asked for: {}",
                                             name, others.empty() ? "none" : others));
  return asked;
}

Result<std::vector<Step>> Schemas::waiting(const std::string& name, const Limit& limit) {
  if (const auto known = asked(name); !known) return std::unexpected(known.error());
  auto all = steps(limit);
  if (!all) return all;
  std::erase_if(*all, [&](const Step& step) {
    return step.state != StepState::kWaits || (!name.empty() && step.schema != name);
  });
  return all;
}

Result<std::vector<Step>> Schemas::contract(const std::string& name, const Limit& limit) {
  const auto known = asked(name);
  if (!known) return std::unexpected(known.error());
  std::vector<Step> all;
  for (const Schema& schema : *known) {
    auto ran = run(schema, StepKind::kContract, limit);
    if (!ran) return std::unexpected(std::move(ran.error()));
    all.insert(all.end(), ran->begin(), ran->end());
  }
  return all;
}

Result<std::vector<Step>> Schemas::due(const Schema& schema, const Limit& limit) {
  auto connection = database_.connectApart(limit);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto ran = done(**connection, limit);
  if (!ran) return std::unexpected(std::move(ran.error()));
  auto due = lacking(schema, StepKind::kExpand, *ran);
  if (!due) return std::unexpected(std::move(due.error()));
  std::vector<Step> steps;
  for (const Migration& one : *due)
    steps.push_back({schema.name, one.version, one.kind, one.name, StepState::kDue});
  return steps;
}

Result<std::vector<Step>> Schemas::steps(const Limit& limit) {
  auto connection = database_.connectApart(limit);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto ran = done(**connection, limit);
  if (!ran) return std::unexpected(std::move(ran.error()));
  std::vector<Step> steps;
  for (const Done& one : *ran)
    steps.push_back({one.schema, one.version, one.kind, one.name, StepState::kDone});
  const std::lock_guard lock(mutex_);
  for (const auto& [name, schema] : known_) {
    for (const Migration& migration : schema.migrations) {
      const bool already = std::ranges::any_of(
          *ran, [&](const Done& one) { return one.schema == name && one.version == migration.version; });
      if (already) continue;
      steps.push_back({name, migration.version, migration.kind, migration.name,
                       migration.kind == StepKind::kExpand ? StepState::kDue : StepState::kWaits});
    }
  }
  return steps;
}

}  // namespace database
