// What the operator may ask of the database and do with it: `revengectl db`. Thread safety: any thread.
#pragma once

#include <revenge/plugin.hpp>

#include "database.hpp"
#include "schema.hpp"
#include "upkeep.hpp"
#include "wiring/backups.hpp"

namespace database {

class OperatorCommands {
 public:
  // All outlive this object.
  struct Parts {
    Database& database;
    Schemas& schemas;
    Upkeep& upkeep;
    Backups& backups;
    Time& time;
  };
  OperatorCommands(revenge::Host& host, const Parts& parts);

 private:
  using Answer = Result<std::string>;

  void addQuestions(revenge::Host& host);
  void addChanges(revenge::Host& host);
  Answer status(const Limit& limit) const;
  Answer plan(const Limit& limit) const;
  Answer contract(const std::string& schema, bool dry, const Limit& limit) const;

  const Parts parts_;
};

}  // namespace database
