// What the lists of items and titles may be narrowed down to. Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/query_reader.hpp"
#include "catalogue/id.hpp"

namespace library::api {

struct Filter {
  std::optional<Id> library{};
  std::optional<Id> title{};                // of items
  std::optional<std::string_view> kind{};   // borrowed from the query
  std::optional<std::int64_t> season{};     // of items
  std::optional<std::int64_t> year_from{};  // both: of one year
  std::optional<std::int64_t> year_to{};
  std::string pattern{};  // of LIKE, with ! as its escape, for names in lower case; empty: all
  bool missing = false;   // also what has no file any more
};

Filter readItemFilter(QueryReader& query);
Filter readTitleFilter(QueryReader& query);

}  // namespace library::api
