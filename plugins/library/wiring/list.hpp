// ListQuery: one page of rows of the catalogue, found by key or by offset, and how many there are. Statements of SQL that
// SQLite and PostgreSQL read alike. One thread; its calls block.
#pragma once

#include <deque>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/sql.hpp>

#include "api/cursor.hpp"
#include "api/page.hpp"
#include "api/problem.hpp"
#include "catalogue/id.hpp"

namespace library {

// What a list shows, and what it can be sorted by.
struct ListShape {
  struct Key {
    std::string_view name;
    std::string_view expression;  // never null
    bool is_text = false;
  };
  std::string_view columns;
  std::string_view table;   // with its alias
  std::string_view joined;  // to it, for the columns alone
  std::string_view id;
  std::span<const Key> keys;
};

// The parameters of one statement; the texts are kept here.
class SqlParameters {
 public:
  // Each answers how the statement names it: "$3".
  std::string add(std::int64_t value) { return add(revenge::SqlValue(value)); }
  std::string add(std::string text) { return add(revenge::SqlValue(kept_.emplace_back(std::move(text)))); }
  std::string add(const Id& id);

  std::size_t size() const { return values_.size(); }
  std::span<const revenge::SqlValue> values() const { return values_; }

 private:
  std::string add(revenge::SqlValue value) {
    values_.push_back(value);
    return "$" + std::to_string(values_.size());
  }

  std::deque<std::string> kept_;
  std::vector<revenge::SqlValue> values_;
};

struct ListPage {
  revenge::SqlRows rows;  // the page's, and maybe one more
  std::uint64_t size = 0;
  api::PageEnd end;
};

class ListQuery {
 public:
  explicit ListQuery(const ListShape& shape) : shape_(shape) {}

  SqlParameters& parameters() { return parameters_; }
  // All of them must hold.
  void where(std::string condition) { conditions_.push_back(std::move(condition)); }

  // `list` says which list it is, for its cursors.
  std::expected<ListPage, api::Problem> read(const revenge::Sql& sql, const revenge::Call& call,
                                             const api::Page& page, const api::CursorSeal& seal,
                                             std::string_view list);

 private:
  std::string condition() const;
  revenge::Result<std::uint64_t> count(const revenge::Sql& sql, const revenge::Call& call) const;
  std::string nextCursor(revenge::SqlRow last, const api::Page& page, const api::CursorSeal& seal,
                         std::string_view list) const;

  const ListShape& shape_;
  SqlParameters parameters_;
  std::vector<std::string> conditions_;
};

inline std::span<const std::byte> blobOf(const Id& id) { return std::as_bytes(std::span(id.bytes)); }
// Requires: the column holds an id.
inline Id idAt(const revenge::SqlRow& row, std::uint32_t column) {
  return idOf(row.text(column)).value_or(Id());
}
inline std::optional<std::int64_t> numberAt(const revenge::SqlRow& row, std::uint32_t column) {
  if (row.isNull(column)) return std::nullopt;
  return row.integer(column);
}

}  // namespace library
