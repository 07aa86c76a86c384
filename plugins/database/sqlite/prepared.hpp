// A prepared statement of SQLite: binds values by their $n, steps, and writes rows into a block. Owned by a connection's
// cache or a cursor; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <revenge/abi/sql.h>
#include <revenge/result.hpp>

#include "block.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace database::sqlite {

class Prepared {
 public:
  static revenge::Result<Prepared> make(sqlite3* connection, std::string_view text);

  // Values are borrowed until reset(). kInvalid: their number or one of their kinds is wrong.
  revenge::Status bind(std::span<const revenge_sql_value> values);
  int step();  // SQLite's result code
  // Its values and rows end. What it still held of the database is let go.
  void reset();

  void describe(BlockWriter& to) const;
  void row(BlockWriter& to) const;
  bool writes() const;
  bool answersRows() const;
  std::size_t parameters() const { return places_.size(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::vector<int> places_;  // of $1, $2 ... among SQLite's parameters, which count by first use; 0: not used
};

}  // namespace database::sqlite
