#include "wiring/catalogue_rows.hpp"

#include <algorithm>
#include <array>

#include "wiring/schema.hpp"

namespace library {

namespace {

using api::Filter;
using revenge::SqlRow;

// What the lists are sorted by; schema.hpp says which have an index. A year that is not known comes first.
constexpr std::array kItemKeys{ListShape::Key{"title", "i.sort", true}, ListShape::Key{"added", "i.added_us"},
                               ListShape::Key{"year", "coalesce(i.year, 0)"}};
constexpr std::array kTitleKeys{ListShape::Key{"title", "t.sort", true},
                                ListShape::Key{"added", "t.added_us"},
                                ListShape::Key{"year", "coalesce(t.year, 0)"}};

constexpr std::string_view kItemColumns =
    "i.id, i.library, i.kind, i.name, i.air_date, i.year, i.season, i.episode, i.episode_last, i.disc, "
    "i.track, i.files, "
    "i.added_us, t.id, t.name, t.year, t.tmdb, t.imdb, t.tvdb";
constexpr std::string_view kTitleColumns =
    "t.id, t.library, t.kind, t.name, t.artist, t.tmdb, t.imdb, t.tvdb, t.year, t.added_us, "
    "(SELECT count(DISTINCT i.season) FROM library_item i WHERE i.title = t.id AND i.files > 0), "
    "(SELECT count(*) FROM library_item i WHERE i.title = t.id AND i.files > 0), "
    "(SELECT sum(i.files) FROM library_item i WHERE i.title = t.id)";

std::string_view probeName(std::int64_t probe) {
  switch (probe) {
    case column::kWaiting:
      return "waiting";
    case column::kProbed:
      return "done";
    case column::kFailed:
      return "failed";
    default:
      return "none";
  }
}

void narrow(ListQuery& query, const Filter& filter, const std::string& of) {
  SqlParameters& parameters = query.parameters();
  if (filter.library) query.where(of + ".library = " + parameters.add(*filter.library));
  if (filter.kind) query.where(of + ".kind = " + parameters.add(std::string(*filter.kind)));
  // A year that is not known is in no range.
  if (filter.year_from) query.where("coalesce(" + of + ".year, 0) >= " + parameters.add(*filter.year_from));
  if (filter.year_to) {
    query.where("coalesce(" + of + ".year, 0) <= " + parameters.add(*filter.year_to));
    query.where(of + ".year IS NOT NULL");
  }
  if (!filter.pattern.empty()) {
    const std::string pattern = parameters.add(filter.pattern);
    query.where("(lower(" + of + ".name) LIKE " + pattern + " ESCAPE '!' OR " + of + ".sort LIKE " + pattern +
                " ESCAPE '!')");
  }
}

}  // namespace

// LEFT, so that SQLite begins with the items, in the order asked for; each has a title.
const ListShape& itemShape() {
  static constexpr ListShape kShape{.columns = kItemColumns,
                                    .table = "library_item i",
                                    .joined = " LEFT JOIN library_title t ON t.id = i.title",
                                    .id = "i.id",
                                    .keys = kItemKeys};
  return kShape;
}

const ListShape& titleShape() {
  static constexpr ListShape kShape{
      .columns = kTitleColumns, .table = "library_title t", .joined = "", .id = "t.id", .keys = kTitleKeys};
  return kShape;
}

void narrowItems(ListQuery& query, const Filter& filter) {
  narrow(query, filter, "i");
  if (filter.title) query.where("i.title = " + query.parameters().add(*filter.title));
  if (filter.season) query.where("i.season = " + query.parameters().add(*filter.season));
  if (!filter.missing) query.where("i.files > 0");
}

void narrowTitles(ListQuery& query, const Filter& filter) {
  narrow(query, filter, "t");
  if (!filter.missing)
    query.where("EXISTS (SELECT 1 FROM library_item i WHERE i.title = t.id AND i.files > 0)");
}

api::ItemView itemOf(const SqlRow& row) {
  api::ItemView item;
  item.id = idAt(row, 0);
  item.library = idAt(row, 1);
  item.kind = row.text(2);
  item.name = row.text(3);
  item.air_date = row.text(4);
  item.year = numberAt(row, 5);
  item.season = numberAt(row, 6);
  item.episode = numberAt(row, 7);
  item.episode_last = numberAt(row, 8);
  item.disc = numberAt(row, 9);
  item.track = numberAt(row, 10);
  item.files = row.integer(11);
  item.added_us = row.integer(12);
  item.title.id = idAt(row, 13);
  item.title.name = row.text(14);
  item.title.year = numberAt(row, 15);
  item.title.tmdb = row.text(16);
  item.title.imdb = row.text(17);
  item.title.tvdb = row.text(18);
  return item;
}

api::TitleView titleOf(const SqlRow& row) {
  api::TitleView title;
  title.id = idAt(row, 0);
  title.library = idAt(row, 1);
  title.kind = row.text(2);
  title.name = row.text(3);
  title.artist = row.text(4);
  title.tmdb = row.text(5);
  title.imdb = row.text(6);
  title.tvdb = row.text(7);
  title.year = numberAt(row, 8);
  title.added_us = row.integer(9);
  title.seasons = row.integer(10);
  title.items = row.integer(11);
  title.files = row.integer(12);
  return title;
}

api::FileView fileOf(const SqlRow& row) {
  api::FileView file;
  file.id = idAt(row, 0);
  file.name = row.text(1);
  file.kind = row.text(2);
  file.extra = row.text(3);
  file.label = row.text(4);
  file.resolution = row.text(5);
  file.version = row.integer(6);
  file.part = row.integer(7);
  file.bytes = row.integer(8);
  file.modified_ns = row.integer(9);
  file.missing_us = numberAt(row, 10);
  file.duration_ms = numberAt(row, 11);
  file.probe = probeName(row.integer(12));
  file.probe_error = row.text(13);
  file.facts = row.text(14);
  return file;
}

// The facts of a file are a line for each of its entries.
api::MetadataView metadataOf(const SqlRow& row) {
  std::string_view facts = row.text(2);
  if (row.isNull(2)) {
    facts = row.text(3);
    for (std::int64_t line = row.integer(4); line > 0 && !facts.empty(); --line)
      facts.remove_prefix(std::min(facts.find('\n'), facts.size() - 1) + 1);
    facts = facts.substr(0, facts.find('\n'));
  }
  return {.provider = row.text(0), .part = row.text(1), .facts = facts};
}

}  // namespace library
