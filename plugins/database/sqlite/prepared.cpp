#include "sqlite/prepared.hpp"

#include <charconv>
#include <string>

#include <sqlite3.h>

#include "sqlite/errors.hpp"

namespace database::sqlite {

using revenge::Errc;
using revenge::fail;
using revenge::Result;
using revenge::Status;

namespace {

constexpr std::size_t kMostParameters = 32'766;

// Only blanks, comments and semicolons.
bool isEmpty(sqlite3* connection, const char* text, const char* end) {
  sqlite3_stmt* more = nullptr;
  const int code = sqlite3_prepare_v3(connection, text, static_cast<int>(end - text), 0, &more, nullptr);
  const bool empty = code == SQLITE_OK && more == nullptr;
  sqlite3_finalize(more);
  return empty;
}

Result<std::vector<int>> placesOf(sqlite3_stmt* statement) {
  std::vector<int> places;
  const int count = sqlite3_bind_parameter_count(statement);
  for (int i = 1; i <= count; ++i) {
    const char* const given = sqlite3_bind_parameter_name(statement, i);
    const std::string_view name = given == nullptr ? "?" : given;
    std::size_t number = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + 1, end, number);
    if (name[0] != '$' || parsed.ec != std::errc() || parsed.ptr != end || number == 0 ||
        number > kMostParameters)
      return fail(Errc::kInvalid, "parameter '" + std::string(name) + "': parameters are $1, $2 ...");
    if (places.size() < number) places.resize(number);
    places[number - 1] = i;
  }
  return places;
}

int bindOne(sqlite3_stmt* statement, int at, const revenge_sql_value& value) {
  switch (value.kind) {
    case REVENGE_SQL_NULL:
      return sqlite3_bind_null(statement, at);
    case REVENGE_SQL_INTEGER:
    case REVENGE_SQL_TIME:
      return sqlite3_bind_int64(statement, at, value.integer);
    case REVENGE_SQL_BOOLEAN:
      return sqlite3_bind_int64(statement, at, value.integer != 0 ? 1 : 0);
    case REVENGE_SQL_REAL:
      return sqlite3_bind_double(statement, at, value.real);
    case REVENGE_SQL_TEXT:
      return sqlite3_bind_text64(statement, at, value.bytes.data == nullptr ? "" : value.bytes.data,
                                 value.bytes.size, SQLITE_STATIC, SQLITE_UTF8);
    case REVENGE_SQL_BLOB:
      return sqlite3_bind_blob64(statement, at, value.bytes.data == nullptr ? "" : value.bytes.data,
                                 value.bytes.size, SQLITE_STATIC);
    default:
      return SQLITE_MISMATCH;
  }
}

std::string_view bytesOf(const void* data, int size) {
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

}  // namespace

void Prepared::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<Prepared> Prepared::make(sqlite3* connection, std::string_view text) {
  Prepared prepared;
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(connection, text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  prepared.statement_.reset(raw);
  if (code != SQLITE_OK) return std::unexpected(failure(connection, code, "statement"));
  if (raw == nullptr) return fail(Errc::kInvalid, "statement: it is empty");
  const char* const end = text.data() + text.size();
  if (tail < end && !isEmpty(connection, tail, end))
    return fail(Errc::kInvalid, "statement: more than one; give each by itself");
  auto places = placesOf(raw);
  if (!places) return std::unexpected(std::move(places.error()));
  prepared.places_ = std::move(*places);
  return prepared;
}

Status Prepared::bind(std::span<const revenge_sql_value> values) {
  if (values.size() != places_.size())
    return fail(Errc::kInvalid, "statement: it takes " + std::to_string(places_.size()) + " values, " +
                                    std::to_string(values.size()) + " were given");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (places_[i] == 0) continue;
    const int code = bindOne(statement_.get(), places_[i], values[i]);
    if (code == SQLITE_MISMATCH)
      return fail(Errc::kInvalid,
                  "value $" + std::to_string(i + 1) + ": no kind " + std::to_string(values[i].kind));
    if (code != SQLITE_OK)
      return std::unexpected(
          failure(sqlite3_db_handle(statement_.get()), code, "value $" + std::to_string(i + 1)));
  }
  return {};
}

int Prepared::step() { return sqlite3_step(statement_.get()); }

void Prepared::reset() {
  sqlite3_reset(statement_.get());
  if (!places_.empty()) sqlite3_clear_bindings(statement_.get());
}

void Prepared::describe(BlockWriter& to) const {
  const int count = sqlite3_column_count(statement_.get());
  for (int i = 0; i < count; ++i) to.column(sqlite3_column_name(statement_.get(), i));
}

void Prepared::row(BlockWriter& to) const {
  sqlite3_stmt* const statement = statement_.get();
  const int count = sqlite3_data_count(statement);
  for (int i = 0; i < count; ++i) {
    sqlite3_value* const value = sqlite3_column_value(statement, i);
    switch (sqlite3_value_type(value)) {
      case SQLITE_INTEGER:
        to.integer(sqlite3_value_int64(value));
        break;
      case SQLITE_FLOAT:
        to.real(sqlite3_value_double(value));
        break;
      case SQLITE_TEXT: {
        const void* const text = sqlite3_value_text(value);
        to.text(bytesOf(text, sqlite3_value_bytes(value)));
        break;
      }
      case SQLITE_BLOB: {
        const void* const blob = sqlite3_value_blob(value);
        to.blob(bytesOf(blob, sqlite3_value_bytes(value)));
        break;
      }
      default:
        to.null();
    }
  }
}

bool Prepared::writes() const { return sqlite3_stmt_readonly(statement_.get()) == 0; }

bool Prepared::answersRows() const { return sqlite3_column_count(statement_.get()) > 0; }

}  // namespace database::sqlite
