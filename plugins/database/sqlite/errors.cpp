#include "sqlite/errors.hpp"

#include <string>

#include <sqlite3.h>

namespace database::sqlite {

using revenge::Errc;

Errc meaning(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Errc::kExists;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return Errc::kInvalid;
    case SQLITE_CONSTRAINT:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return Errc::kRefused;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::kBusy;
    case SQLITE_INTERRUPT:
      return Errc::kTimedOut;
    case SQLITE_TOOBIG:
      return Errc::kLimit;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return Errc::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
      return Errc::kIo;
    default:
      return Errc::kFailed;
  }
}

bool endsWrites(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_FULL || (primary == SQLITE_READONLY && code != SQLITE_READONLY) ||
         code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE ||
         code == SQLITE_IOERR_SHMSIZE;
}

revenge::Error failure(sqlite3* connection, int code, std::string_view what) {
  const bool knows = connection != nullptr && sqlite3_extended_errcode(connection) == code;
  const char* const text = knows ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  return {meaning(code), std::string(what) + ": " + text};
}

}  // namespace database::sqlite
