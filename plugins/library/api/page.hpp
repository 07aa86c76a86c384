// Which part of a list is asked for, and in which order. Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/query_reader.hpp"

namespace library::api {

inline constexpr std::int64_t kDefaultLimit = 50, kMaxLimit = 100;
inline constexpr std::int64_t kMaxOffset = 1'000'000'000;
// A list is counted to here; beyond, its total is an estimate.
inline constexpr std::uint64_t kCountedTotal = 10'000;

struct SortKey {
  std::size_t field = 0;  // index into the fields that may be sorted by
  bool descending = false;
};

struct Page {
  std::int64_t limit = kDefaultLimit;
  std::int64_t offset = 0;
  std::optional<std::string_view> cursor{};  // instead of the offset; borrowed from the query
  std::vector<SortKey> sort{};               // never empty; ties are the reader's to break
};

// limit, offset, cursor and sort ("-year,title": by year, the latest first, then by title). The first field is the order
// when none is asked for.
Page readPage(QueryReader& query, std::span<const std::string_view> sort_fields);

// Which list it is, for Cursor: all parameters but those that say which part, in one form; and for whom.
std::string listOf(std::string_view path, std::span<const Parameter> parameters, std::string_view user);

struct PageEnd {
  std::string next_cursor{};  // empty: this is the last page
  std::uint64_t total = 0;    // at most kCountedTotal + 1, which stands for any more
  bool isEstimate() const { return total > kCountedTotal; }
};

// The field Link (RFC 8288), relative to the server: first and next, and beside an offset prev and last. Empty: no other page
// is known.
std::string linkField(std::string_view path, std::span<const Parameter> parameters, const Page& page,
                      const PageEnd& end);

}  // namespace library::api
