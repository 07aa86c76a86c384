#include "wiring/catalogue_routes.hpp"

#include "api/etag.hpp"
#include "wiring/catalogue_rows.hpp"
#include "wiring/list_answer.hpp"
#include "wiring/schema.hpp"

namespace library {

namespace {

using api::JsonWriter;
using revenge::Request;
using revenge::Sql;
using revenge::SqlRows;

// The one row of the shape whose id the path names.
std::expected<SqlRows, api::Problem> rowNamed(const Request& request, const Sql& sql, const ListShape& shape,
                                              std::string_view what) {
  const auto id = parseId(request.param("id"));
  if (!id) return refuse(notFound(what));
  std::string text = "SELECT ";
  text.append(shape.columns).append(" FROM ").append(shape.table).append(shape.joined);
  text.append(" WHERE ").append(shape.id).append(" = $1");
  auto rows = sql.query(request.call(), text, blobOf(*id)).wait();
  if (!rows) return refuse(problemOf(rows.error()));
  if (rows->empty()) return refuse(notFound(what));
  return *std::move(rows);
}

// One answer to a question about a title or an item: the files it has, as `text` selects them, and what is said of it.
struct Described {
  SqlRows files;
  std::vector<api::FileView> views{};
  std::string metadata{};
};

std::expected<Described, api::Problem> describedBy(const Request& request, const Sql& sql,
                                                   std::string_view text, const Id& subject,
                                                   const Id& other) {
  auto files = sql.query(request.call(), text, blobOf(subject)).wait();
  if (!files) return refuse(problemOf(files.error()));
  const auto said = sql.query(request.call(), kMetadataOf, blobOf(subject), blobOf(other)).wait();
  if (!said) return refuse(problemOf(said.error()));
  Described described{.files = *std::move(files)};
  described.views.reserve(described.files.size());
  for (const revenge::SqlRow file : described.files) described.views.push_back(fileOf(file));
  std::vector<api::MetadataView> metadata;
  metadata.reserve(said->size());
  for (const revenge::SqlRow row : *said) metadata.push_back(metadataOf(row));
  described.metadata = api::metadataJson(metadata);
  return described;
}

revenge::Response shown(std::string body) {
  std::string etag = api::strongEtag(body);
  return revenge::json(std::move(body))
      .withEtag(std::move(etag))
      .withHeader("cache-control", "private, no-cache");
}

}  // namespace

CatalogueRoutes::CatalogueRoutes(Api& api, Sql sql, const api::CursorSeal& seal) : sql_(sql), seal_(seal) {
  api.get("/items", [this](const Request& r) { return items(r); });
  api.get("/items/{id}", [this](const Request& r) { return item(r); });
  api.get("/titles", [this](const Request& r) { return titles(r); });
  api.get("/titles/{id}", [this](const Request& r) { return title(r); });
}

Answer CatalogueRoutes::items(const Request& request) const {
  ListAnswer list(request, itemShape());
  narrowItems(list.query(), readItemFilter(list.reader()));
  const auto rows = list.read(sql_, seal_);
  if (!rows) return refuse(rows.error());
  return list.answer(*rows, [&](JsonWriter& out, std::uint64_t i) { write(out, itemOf(rows->rows[i])); });
}

Answer CatalogueRoutes::item(const Request& request) const {
  const auto row = rowNamed(request, sql_, itemShape(), "item");
  if (!row) return refuse(row.error());
  const api::ItemView item = itemOf((*row)[0]);
  const Id& other = item.kind == column::kMovie ? item.title.id : item.id;
  const auto described = describedBy(request, sql_, kFilesOfItem, item.id, other);
  if (!described) return refuse(described.error());
  return shown(api::itemJson(item, described->views, described->metadata));
}

Answer CatalogueRoutes::titles(const Request& request) const {
  ListAnswer list(request, titleShape());
  narrowTitles(list.query(), readTitleFilter(list.reader()));
  const auto rows = list.read(sql_, seal_);
  if (!rows) return refuse(rows.error());
  return list.answer(*rows, [&](JsonWriter& out, std::uint64_t i) { write(out, titleOf(rows->rows[i])); });
}

Answer CatalogueRoutes::title(const Request& request) const {
  const auto row = rowNamed(request, sql_, titleShape(), "title");
  if (!row) return refuse(row.error());
  const api::TitleView title = titleOf((*row)[0]);
  const auto described = describedBy(request, sql_, kFilesOfTitle, title.id, title.id);
  if (!described) return refuse(described.error());
  return shown(api::titleJson(title, described->views, described->metadata));
}

}  // namespace library
