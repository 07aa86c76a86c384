// What SQLite's result codes mean to the caller of a statement.
#pragma once

#include <string_view>

#include <revenge/result.hpp>

struct sqlite3;

namespace database::sqlite {

// Of a primary or extended result code.
revenge::Errc meaning(int code);
// The file can be read, but nothing more be written: a full disk, a read-only mount.
bool endsWrites(int code);
// With SQLite's own text, after `what` was done.
revenge::Error failure(sqlite3* connection, int code, std::string_view what);

}  // namespace database::sqlite
