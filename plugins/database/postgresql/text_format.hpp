// Values as PostgreSQL writes them in its text format, and as it reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <revenge/abi/sql.h>

#include "block.hpp"

namespace database::postgresql {

// Types of its catalogue, by their fixed numbers (src/include/catalog/pg_type.dat).
inline constexpr unsigned kBool = 16;
inline constexpr unsigned kBytea = 17;
inline constexpr unsigned kInt8 = 20;
inline constexpr unsigned kInt2 = 21;
inline constexpr unsigned kInt4 = 23;
inline constexpr unsigned kOid = 26;
inline constexpr unsigned kFloat4 = 700;
inline constexpr unsigned kFloat8 = 701;
inline constexpr unsigned kTimestamp = 1114;
inline constexpr unsigned kTimestamptz = 1184;

// Microseconds since 1970 of "2026-11-29 05:00:00.25+00"; nullopt: infinity, or before the year 1.
std::optional<std::int64_t> parseTime(std::string_view text);
std::string writeTime(std::int64_t microseconds);
// "\x..." as its bytes; nullopt: it is none.
std::optional<std::string> parseBytes(std::string_view text);

// A parameter as text; a blob stays as it is and goes as binary. Requires: not null.
std::string writeValue(const revenge_sql_value& value);
// Adds a cell of a column of this type.
void readValue(unsigned type, std::string_view text, BlockWriter& to);

}  // namespace database::postgresql
