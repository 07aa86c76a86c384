// The functions of revenge.sql/1 over a Database: in place on the caller's thread, or on a lane, with the same work
// behind both. Leases stand for transactions and cursors. Any thread; lives as long as the plugin.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <revenge/plugin.hpp>
#include <revenge/sql.hpp>

#include "database.hpp"
#include "lanes.hpp"
#include "schema.hpp"
#include "writers.hpp"

namespace database {

class Service {
 public:
  Service(revenge::Host& host, Database& database, Lanes& lanes, Schemas& schemas, Time& time)
      : host_(host), database_(database), lanes_(lanes), schemas_(schemas), time_(time) {}

  static const revenge_sql& table();
  // Ends the transactions whose time is over.
  void tend();

 private:
  friend struct SqlTable;

  Writers::Lent writer() { return writers_.lend(); }

  revenge::Host& host_;
  Database& database_;
  Lanes& lanes_;
  Schemas& schemas_;
  Time& time_;
  Writers writers_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Database::Transaction>> open_;  // of the leases
};

}  // namespace database
