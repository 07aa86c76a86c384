// SqlOrder: an order of rows by several columns, and what comes behind one of them: pages by key, which are found by an index
// however far they are, and which rows that come and go neither shift nor repeat.
//
//   const revenge::SqlOrder order({{"year", true}, {"id", true}});
//   "SELECT ... WHERE library = $1 AND " + order.behind(2) + " ORDER BY " + order.text() + " LIMIT 50"
//
// The last column makes it total: a key. No column may be null: order by coalesce(year, 0), and make the index so. Values for
// behind() are those of the last row seen, in the order of the columns. Never changed; safe from any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace revenge {

struct SqlOrderColumn {
  std::string expression;
  bool descending = false;
};

class SqlOrder {
 public:
  // Requires: at least one column.
  explicit SqlOrder(std::vector<SqlOrderColumn> columns) : columns_(std::move(columns)) {}

  std::size_t size() const { return columns_.size(); }

  // Behind ORDER BY.
  std::string text() const {
    std::string text;
    for (const SqlOrderColumn& column : columns_) {
      if (!text.empty()) text += ", ";
      text += column.expression;
      if (column.descending) text += " DESC";
    }
    return text;
  }

  // A condition, whose size() parameters begin at `first`.
  // Rationale: one comparison of rows is what both databases find by an index. Directions that differ have no such form; the
  // first column is compared by itself then, so that an index at least begins where the page does.
  std::string behind(std::size_t first) const {
    if (isUniform()) return listed(first);
    std::string any;
    for (std::size_t last = 0; last < size(); ++last) {
      any += last == 0 ? "(" : " OR (";
      for (std::size_t i = 0; i < last; ++i)
        any += columns_[i].expression + " = $" + std::to_string(first + i) + " AND ";
      any += compared(last, first, "") + ")";
    }
    return "(" + compared(0, first, "=") + " AND (" + any + "))";
  }

 private:
  bool isUniform() const {
    return std::all_of(columns_.begin(), columns_.end(), [this](const SqlOrderColumn& column) {
      return column.descending == columns_.front().descending;
    });
  }
  std::string listed(std::size_t first) const {
    std::string expressions;
    std::string parameters;
    for (std::size_t i = 0; i < size(); ++i) {
      expressions += (i == 0 ? "" : ", ") + columns_[i].expression;
      parameters += (i == 0 ? "$" : ", $") + std::to_string(first + i);
    }
    return "(" + expressions + ") " + (columns_.front().descending ? "<" : ">") + " (" + parameters + ")";
  }
  std::string compared(std::size_t column, std::size_t first, std::string_view or_equal) const {
    const SqlOrderColumn& one = columns_[column];
    return one.expression + (one.descending ? " <" : " >") + std::string(or_equal) + " $" +
           std::to_string(first + column);
  }

  std::vector<SqlOrderColumn> columns_;
};

}  // namespace revenge
