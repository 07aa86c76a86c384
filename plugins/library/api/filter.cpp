#include "api/filter.hpp"

#include <array>

#include "naming/text.hpp"

namespace library::api {

namespace {

constexpr std::array<std::string_view, 3> kItemKinds{"movie", "episode", "track"};
constexpr std::array<std::string_view, 3> kTitleKinds{"movie", "show", "album"};
constexpr std::int64_t kMaxYear = 9999;
constexpr std::size_t kMaxSearch = 255;  // characters

std::string containing(std::string_view text) {
  std::string pattern = "%";
  for (const char c : naming::folded(text)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern += '%';
}

void readShared(QueryReader& query, Filter& filter) {
  filter.library = query.id("library_id");
  const auto search = query.text("q", kMaxSearch);
  if (search && !search->empty()) filter.pattern = containing(*search);
  const auto year = query.number("year", 0, kMaxYear);
  filter.year_from = query.number("year_from", 0, kMaxYear);
  filter.year_to = query.number("year_to", 0, kMaxYear);
  if (year && (filter.year_from || filter.year_to))
    query.refuse("year", "NOT_WITH_RANGE", "excludes year_from and year_to");
  if (year) filter.year_from = filter.year_to = year;
  filter.missing = query.flag("missing");
}

}  // namespace

Filter readItemFilter(QueryReader& query) {
  Filter filter;
  readShared(query, filter);
  filter.title = query.id("title_id");
  filter.kind = query.oneOf("kind", kItemKinds);
  filter.season = query.number("season", 0, kMaxYear);
  return filter;
}

Filter readTitleFilter(QueryReader& query) {
  Filter filter;
  readShared(query, filter);
  filter.kind = query.oneOf("kind", kTitleKinds);
  return filter;
}

}  // namespace library::api
