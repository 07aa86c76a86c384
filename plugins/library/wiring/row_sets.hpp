// Writes what a scan found, a statement for all rows of a kind.
#pragma once

#include <revenge/sql.hpp>

#include "catalogue/rows.hpp"

namespace library {

// The signature of a folder that is to be placed anew: that of no files.
inline constexpr std::string_view kUnplaced = "tagged";

revenge::Status writeAll(const revenge::SqlTransaction& inside, const revenge::Call& call, const Id& library,
                         const Changes& changes, std::int64_t now_us);

}  // namespace library
