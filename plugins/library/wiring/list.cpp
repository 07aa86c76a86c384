#include "wiring/list.hpp"

#include <algorithm>

#include <revenge/sql_order.hpp>

#include "wiring/api.hpp"

namespace library {

namespace {

using api::Cursor;
using api::CursorFault;
using api::Page;
using revenge::Result;
using revenge::SqlRows;

// In the order asked for, ties by id, which goes the way of the last key: so that the most frequent order, by one key, is
// that of an index.
revenge::SqlOrder orderOf(const ListShape& shape, const Page& page) {
  std::vector<revenge::SqlOrderColumn> columns;
  columns.reserve(page.sort.size() + 1);
  for (const api::SortKey& key : page.sort)
    columns.push_back({std::string(shape.keys[key.field].expression), key.descending});
  columns.push_back({std::string(shape.id), page.sort.back().descending});
  return revenge::SqlOrder(std::move(columns));
}

bool fits(const Cursor& cursor, const ListShape& shape, const Page& page) {
  if (cursor.last.size() != page.sort.size()) return false;
  return std::ranges::equal(
      cursor.last, page.sort, [&](const api::SortValue& value, const api::SortKey& key) {
        return std::holds_alternative<std::string>(value) == shape.keys[key.field].is_text;
      });
}

api::Problem problemOf(CursorFault fault) {
  if (fault == CursorFault::kMismatch)
    return {.status = 400,
            .code = "CURSOR_MISMATCH",
            .message = "the cursor is of a list with another filter or order"};
  return {
      .status = 400, .code = "CURSOR_INVALID", .message = "the cursor is none of this server, or too old"};
}

// A set of one: the parameters are as many as the filter asks for.
auto ask(const revenge::Sql& sql, const revenge::Call& call, std::string_view text,
         const SqlParameters& parameters) {
  return sql.batch(call, text, parameters.values(), 1).wait();
}

}  // namespace

std::string SqlParameters::add(const Id& id) {
  const std::string& bytes = kept_.emplace_back(bytesOf(id));
  return add(revenge::SqlValue(std::as_bytes(std::span(bytes))));
}

std::string ListQuery::condition() const {
  std::string all;
  for (const std::string& one : conditions_) all += (all.empty() ? " WHERE " : " AND ") + one;
  return all;
}

std::expected<ListPage, api::Problem> ListQuery::read(const revenge::Sql& sql, const revenge::Call& call,
                                                      const Page& page, const api::CursorSeal& seal,
                                                      std::string_view list) {
  std::optional<Cursor> cursor;
  if (page.cursor) {
    auto opened = seal.open(*page.cursor, list);
    if (!opened) return refuse(problemOf(opened.error()));
    if (!fits(*opened, shape_, page)) return refuse(problemOf(CursorFault::kInvalid));
    cursor = std::move(*opened);
  }
  const Result<std::uint64_t> total = count(sql, call);
  if (!total) return refuse(problemOf(total.error()));

  const revenge::SqlOrder order = orderOf(shape_, page);
  if (cursor) {
    where(order.behind(parameters_.size() + 1));
    for (const api::SortValue& value : cursor->last)
      std::visit([this](const auto& one) { parameters_.add(one); }, value);
    parameters_.add(cursor->id);
  }
  std::string text = "SELECT ";
  text += shape_.columns;
  for (const api::SortKey& key : page.sort) text.append(", ").append(shape_.keys[key.field].expression);
  text.append(" FROM ").append(shape_.table).append(shape_.joined) += condition();
  text += " ORDER BY " + order.text() + " LIMIT " + parameters_.add(page.limit + 1);
  if (page.offset > 0) text += " OFFSET " + parameters_.add(page.offset);
  Result<SqlRows> rows = ask(sql, call, text, parameters_);
  if (!rows) return refuse(problemOf(rows.error()));

  const auto limit = static_cast<std::uint64_t>(page.limit);
  ListPage read{.rows = std::move(*rows), .end = {.total = *total}};
  read.size = std::min(read.rows.size(), limit);
  if (read.rows.size() > limit) read.end.next_cursor = nextCursor(read.rows[limit - 1], page, seal, list);
  return read;
}

Result<std::uint64_t> ListQuery::count(const revenge::Sql& sql, const revenge::Call& call) const {
  const std::string text = "SELECT count(*) FROM (SELECT 1 FROM " + std::string(shape_.table) + condition() +
                           " LIMIT " + std::to_string(api::kCountedTotal + 1) + ") AS counted";
  const Result<SqlRows> rows = ask(sql, call, text, parameters_);
  if (!rows) return std::unexpected(rows.error());
  return static_cast<std::uint64_t>((*rows)[0].integer(0));
}

// The keys stand behind the columns of the row, its id is the first.
std::string ListQuery::nextCursor(revenge::SqlRow last, const Page& page, const api::CursorSeal& seal,
                                  std::string_view list) const {
  Cursor cursor;
  cursor.id = idAt(last, 0);
  auto column = static_cast<std::uint32_t>(last.columns() - page.sort.size());
  for (const api::SortKey& key : page.sort) {
    if (shape_.keys[key.field].is_text)
      cursor.last.emplace_back(std::string(last.text(column)));
    else
      cursor.last.emplace_back(last.integer(column));
    ++column;
  }
  return seal.seal(cursor, list);
}

}  // namespace library
