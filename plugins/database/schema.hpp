// Migrations: brings the tables of each schema to where its owner wants them, once, whoever else tries at the same time.
// What has run is recorded beside the data, with a checksum of its text. Expand steps run when they are asked for;
// contract steps are kept until the operator makes the version permanent. Thread safety: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "database.hpp"

namespace database {

enum class StepKind { kExpand, kContract };

struct Migration {
  std::uint64_t version = 0;
  StepKind kind = StepKind::kExpand;
  std::string name;
  std::string text;  // in the dialect of the database
};

struct Schema {
  std::string name;
  std::vector<Migration> migrations;  // by version, from 1 on without a gap
};

// kInvalid names the migration that is wrong.
Result<Schema> schemaOf(const revenge_sql_schema* given, std::uint32_t dialect);

enum class StepState { kDone, kDue, kWaits };  // kWaits: for the version to become permanent

struct Step {
  std::string schema;
  std::uint64_t version = 0;
  StepKind kind = StepKind::kExpand;
  std::string name;
  StepState state = StepState::kDue;
};

class Schemas {
 public:
  // `ran` is told of each step that has run.
  Schemas(Database& database, Time& time, std::function<void(const Step&, Duration)> ran)
      : database_(database), time_(time), ran_(std::move(ran)) {}

  // Runs what is due of its expand steps. kRefused: see revenge_sql::migrate.
  Status expand(const Schema& schema, const Limit& limit);
  // Likewise of every schema that was asked for in this run: for a database that has become another.
  Status expandAll(const Limit& limit);
  // The schemas that were asked for, for the instance that follows: its consumers do not ask again. kInvalid: it is no such
  // text; nothing is taken then.
  std::string save() const;
  Status takeOver(std::string_view saved);
  // Runs the contract steps that wait, of one schema; empty: of all that were asked for in this run.
  Result<std::vector<Step>> contract(const std::string& name, const Limit& limit);
  // Those it would run.
  Result<std::vector<Step>> waiting(const std::string& name, const Limit& limit);
  // What has run and what has not; of a schema that nobody asked for in this run only what has.
  Result<std::vector<Step>> steps(const Limit& limit);
  // What expand() would run.
  Result<std::vector<Step>> due(const Schema& schema, const Limit& limit);

 private:
  struct Done {
    std::string schema;
    std::uint64_t version;
    StepKind kind;
    std::string name;
    std::string checksum;
  };

  Result<std::vector<Done>> done(Connection& connection, const Limit& limit) const;
  Result<std::vector<Migration>> lacking(const Schema& schema, StepKind kind,
                                         const std::vector<Done>& done) const;
  Result<std::vector<Schema>> asked(const std::string& name);
  Result<std::vector<Step>> run(const Schema& schema, StepKind kind, const Limit& limit);
  Status runOne(Connection& connection, const Schema& schema, const Migration& migration, const Limit& limit);
  Status lock(Connection& connection, const Limit& limit);

  Database& database_;
  Time& time_;
  const std::function<void(const Step&, Duration)> ran_;
  std::mutex running_;  // one after the other, of this host
  mutable std::mutex mutex_;
  std::map<std::string, Schema> known_;  // asked for in this run
};

}  // namespace database
