#include "wiring/library_store.hpp"

#include <algorithm>
#include <random>

#include "wiring/list.hpp"
#include "wiring/row_sets.hpp"

namespace library {

namespace {

using api::LibrarySettings;
using api::LibraryView;
using api::RootView;
using revenge::Call;
using revenge::Errc;
using revenge::Result;
using revenge::SqlRow;
using revenge::SqlTransaction;
using revenge::Status;

std::span<const std::byte> blobOf(std::string_view bytes) { return std::as_bytes(std::span(bytes)); }

std::uint64_t seed() {
  std::random_device random;
  return std::uint64_t{random()} << 32U | random();
}

Status done(const Result<revenge::SqlRows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  return {};
}

// Items without anything to play, then titles without items; the others are counted anew. What was described by a file that is no
// more has its names again when its folders are placed anew.
Status dropUnused(const SqlTransaction& inside, const Call& call, const Id& library) {
  const auto bytes = library::blobOf(library);
  constexpr std::string_view kMain =
      "f.item = library_item.id AND f.extra = '' AND f.kind IN ('video', 'audio')";
  const std::string items =
      "DELETE FROM library_item WHERE library = $1 AND NOT EXISTS (SELECT 1 FROM library_file f WHERE " +
      std::string(kMain) + ")";
  if (Status dropped = done(inside.query(call, items, bytes).wait()); !dropped) return dropped;
  const std::string present =
      "(SELECT count(*) FROM library_file f WHERE " + std::string(kMain) + " AND f.missing_us IS NULL)";
  const std::string counts =
      "UPDATE library_item SET files = " + present + " WHERE library = $1 AND files <> " + present;
  if (Status counted = done(inside.query(call, counts, bytes).wait()); !counted) return counted;
  constexpr std::string_view kTitles =
      "DELETE FROM library_title WHERE library = $1 AND NOT EXISTS "
      "(SELECT 1 FROM library_item i WHERE i.title = library_title.id)";
  if (Status dropped = done(inside.query(call, kTitles, bytes).wait()); !dropped) return dropped;
  constexpr std::string_view kUndescribed =
      "UPDATE library_folder SET signature = $2 WHERE id IN (SELECT f.folder FROM library_item i JOIN "
      "library_title t ON t.id = i.title JOIN library_file f ON f.item = i.id WHERE i.library = $1 AND ("
      "(t.told_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM library_file x WHERE x.id = t.told_by)) OR "
      "(i.told_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM library_file x WHERE x.id = i.told_by))))";
  return done(inside.query(call, kUndescribed, bytes, blobOf(kUnplaced)).wait());
}

}  // namespace

LibraryStore::LibraryStore(revenge::Sql sql)
    : sql_(sql),
      history_("library_library", "library_library_history", "id",
               "id, revision, name, type, created_us, updated_us"),
      ids_(seed()) {}

std::string_view LibraryStore::columns() {
  return "l.id, l.name, l.type, l.revision, l.created_us, l.updated_us, l.scanned_us";
}

LibraryView LibraryStore::rowOf(const SqlRow& row) {
  return {.id = idAt(row, 0),
          .name = std::string(row.text(1)),
          .type = std::string(row.text(2)),
          .revision = row.integer(3),
          .created_us = row.integer(4),
          .updated_us = row.integer(5),
          .scanned_us = numberAt(row, 6)};
}

Status LibraryStore::complete(const Call& call, std::span<LibraryView> libraries) const {
  if (libraries.empty()) return {};
  SqlParameters parameters;
  std::string these;
  for (const LibraryView& one : libraries) {
    these += these.empty() ? "library IN (" : ", ";
    these += parameters.add(one.id);
  }
  these += ")";
  const std::string roots =
      "SELECT library, path, state, trouble FROM library_root WHERE " + these + " ORDER BY library, place";
  const auto found = sql_.batch(call, roots, parameters.values(), 1).wait();
  if (!found) return std::unexpected(found.error());
  for (const SqlRow row : *found) {
    const auto of = std::ranges::find(libraries, idAt(row, 0), &LibraryView::id);
    if (of == libraries.end()) continue;
    of->roots.push_back({std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))});
  }
  const std::string counts = "SELECT library, count(*), sum(files) FROM library_item WHERE files > 0 AND " +
                             these + " GROUP BY library";
  const auto counted = sql_.batch(call, counts, parameters.values(), 1).wait();
  if (!counted) return std::unexpected(counted.error());
  for (const SqlRow row : *counted) {
    const auto of = std::ranges::find(libraries, idAt(row, 0), &LibraryView::id);
    if (of == libraries.end()) continue;
    of->items = row.integer(1);
    of->files = row.integer(2);
  }
  return {};
}

Result<std::optional<LibraryView>> LibraryStore::find(const Call& call, const Id& id) const {
  const std::string text = "SELECT " + std::string(columns()) + " FROM library_library l WHERE l.id = $1";
  const auto rows = sql_.query(call, text, library::blobOf(id)).wait();
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  LibraryView found = rowOf((*rows)[0]);
  if (Status read = complete(call, {&found, 1}); !read) return std::unexpected(read.error());
  return found;
}

Result<bool> LibraryStore::exists(const Call& call, const Id& id) const {
  const auto rows =
      sql_.query(call, "SELECT 1 FROM library_library WHERE id = $1", library::blobOf(id)).wait();
  if (!rows) return std::unexpected(rows.error());
  return !rows->empty();
}

Result<std::optional<Id>> LibraryStore::named(const Call& call, std::string_view name) const {
  const auto rows = sql_.query(call, "SELECT id FROM library_library WHERE name = $1", name).wait();
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return idAt((*rows)[0], 0);
}

Status LibraryStore::addRoot(const SqlTransaction& inside, const Call& call, const Id& library,
                             std::int64_t place, std::string_view path, std::int64_t now_us) {
  std::int64_t key = 0;
  {
    const std::lock_guard lock(mutex_);
    key = ids_.key(now_us / 1000);
  }
  return done(inside
                  .query(call, "INSERT INTO library_root (id, library, place, path) VALUES ($1, $2, $3, $4)",
                         key, library::blobOf(library), place, blobOf(path))
                  .wait());
}

Result<Id> LibraryStore::create(const Call& call, const LibrarySettings& settings, std::int64_t now_us) {
  Id id;
  {
    const std::lock_guard lock(mutex_);
    id = ids_.id(now_us / 1000);
  }
  const Status made = sql_.transact(call, {.label = "create"}, [&](const SqlTransaction& inside) -> Status {
    constexpr std::string_view kInsert =
        "INSERT INTO library_library (id, name, type, revision, created_us, updated_us) VALUES ($1, $2, $3, "
        "1, $4, $4)";
    Status added =
        done(inside.query(call, kInsert, library::blobOf(id), settings.name, settings.type, now_us).wait());
    for (std::size_t place = 0; added && place < settings.paths.size(); ++place)
      added = addRoot(inside, call, id, static_cast<std::int64_t>(place), settings.paths[place], now_us);
    return added;
  });
  if (!made) return std::unexpected(made.error());
  return id;
}

Status LibraryStore::change(const Call& call, const LibraryView& before, const LibrarySettings& settings,
                            std::int64_t now_us) {
  const auto id = library::blobOf(before.id);
  return sql_.transact(call, {.label = "change"}, [&](const SqlTransaction& inside) -> Status {
    const auto revised = history_.update(inside, call, id, before.revision, "name = $3, updated_us = $4",
                                         settings.name, now_us);
    if (!revised) return std::unexpected(revised.error());
    bool removed = false;
    for (const RootView& root : before.roots) {
      if (std::ranges::find(settings.paths, root.path) != settings.paths.end()) continue;
      removed = true;
      const Status gone = done(
          inside
              .query(call, "DELETE FROM library_root WHERE library = $1 AND path = $2", id, blobOf(root.path))
              .wait());
      if (!gone) return gone;
    }
    for (std::size_t i = 0; i < settings.paths.size(); ++i) {
      const std::string& path = settings.paths[i];
      const auto place = static_cast<std::int64_t>(i);
      const bool is_new = std::ranges::find(before.roots, path, &RootView::path) == before.roots.end();
      const Status kept =
          is_new
              ? addRoot(inside, call, before.id, place, path, now_us)
              : done(inside
                         .query(call, "UPDATE library_root SET place = $3 WHERE library = $1 AND path = $2",
                                id, blobOf(path), place)
                         .wait());
      if (!kept) return kept;
    }
    return removed ? dropUnused(inside, call, before.id) : Status();
  });
}

Status LibraryStore::remove(const Call& call, const Id& id, std::int64_t revision) const {
  const auto gone = sql_.query(call, "DELETE FROM library_library WHERE id = $1 AND revision = $2",
                               library::blobOf(id), revision)
                        .wait();
  if (!gone) return std::unexpected(gone.error());
  if (gone->changed() == 0) return revenge::fail(Errc::kNotFound, "no such revision of the library");
  return {};
}

}  // namespace library
