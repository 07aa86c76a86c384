// What PostgreSQL's SQLSTATE codes mean to the caller of a statement.
#pragma once

#include <string_view>

#include <revenge/result.hpp>

namespace database::postgresql {

revenge::Errc meaning(std::string_view sqlstate);
// The server has ended the connection, or is about to.
bool endsConnection(std::string_view sqlstate);
// A standby, or a database set to be read only.
bool endsWrites(std::string_view sqlstate);
// A prepared statement no longer fits the tables: preparing it again helps.
bool wantsPreparing(std::string_view sqlstate, std::string_view text);

}  // namespace database::postgresql
