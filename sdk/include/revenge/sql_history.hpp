// SqlHistory: rows that keep what they were. A row has a revision; who changes it says which one they saw, and what it was
// goes into a second table in the same transaction. A value, safe from any thread.
//
//   const revenge::SqlHistory films("film", "film_history", "id", "id, revision, title, year");
//   films.update(inside, call, id, seen_revision, "title = $3, year = $4", title, year)
//
// The first table has a column `revision`, the second the columns given, and key and revision as its primary key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <revenge/sql.hpp>

namespace revenge {

class SqlHistory {
 public:
  SqlHistory(std::string_view table, std::string_view history, std::string_view key, std::string_view columns)
      : key_(key), table_(table) {
    const std::string which = " WHERE " + key_ + " = $1 AND revision = $2";
    keep_ = "INSERT INTO " + std::string(history) + " (" + std::string(columns) + ") SELECT " +
            std::string(columns) + " FROM " + table_ + which + " ON CONFLICT DO NOTHING";
  }

  // The new revision. `assignments` use $3 and so on, for `values`. kNotFound: no row has that key and revision, or somebody
  // else changes it at this moment; nothing is changed then. Blocks: not on I/O threads.
  template <class... Values>
  Result<std::int64_t> update(const SqlTransaction& transaction, const Call& call, const SqlValue& key,
                              std::int64_t revision, std::string_view assignments,
                              const Values&... values) const {
    const auto kept = transaction.query(call, keep_, key, revision).wait();
    if (!kept) return std::unexpected(kept.error());
    if (kept->changed() != 1) return fail(Errc::kNotFound, "no such revision of a row of " + table_);
    const std::string change = "UPDATE " + table_ + " SET revision = revision + 1, " +
                               std::string(assignments) + " WHERE " + key_ + " = $1 AND revision = $2";
    const auto changed = transaction.query(call, change, key, revision, values...).wait();
    if (!changed) return std::unexpected(changed.error());
    if (changed->changed() != 1) return fail(Errc::kNotFound, "no such revision of a row of " + table_);
    return revision + 1;
  }

 private:
  std::string key_;
  std::string table_;
  std::string keep_;
};

}  // namespace revenge
