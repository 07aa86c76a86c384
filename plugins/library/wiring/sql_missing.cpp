// What is no longer on disk, or is found again elsewhere.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "wiring/row_sets.hpp"
#include "wiring/rows.hpp"
#include "wiring/sql_store.hpp"

namespace library {

namespace {

using revenge::SqlRow;
using revenge::SqlTransaction;
using revenge::SqlValue;
using rows::fileAt;
using rows::inParts;
using rows::kFileColumnCount;
using rows::kFileColumns;
using rows::list;

constexpr std::string_view kOfLibrary =
    "folder IN (SELECT d.id FROM library_folder d JOIN library_root r ON r.id = d.root WHERE r.library = $1)";
constexpr std::string_view kLongGone = "missing_us IS NOT NULL AND missing_scans >= 2 AND missing_us < $2";

constexpr std::string_view kRecount =
    "UPDATE library_item SET files = (SELECT count(*) FROM library_file f WHERE f.item = library_item.id AND "
    "f.missing_us IS NULL AND f.extra = '' AND f.kind IN ('video', 'audio')) WHERE ";

}  // namespace

Status SqlStore::loseSome(const SqlTransaction& inside, std::span<const SqlValue> folders, Lost& lost) const {
  const auto run = [&](const std::string& text, std::initializer_list<SqlValue> before) {
    std::vector<SqlValue> values(before);
    values.insert(values.end(), folders.begin(), folders.end());
    return inside.batch(call_, text, values, 1).wait();
  };
  const std::string these = list(1, folders.size());
  const std::string behind = list(2, folders.size());
  const auto missing = run(
      "UPDATE library_file SET missing_us = $1, missing_scans = 0 WHERE missing_us IS NULL AND folder IN " +
          behind,
      {SqlValue(now_us_())});
  if (!missing) return std::unexpected(missing.error());
  lost.files += missing->changed();
  const auto described = run(
      "SELECT DISTINCT d.id, d.root, d.path, d.signature FROM library_file n JOIN library_metadata m ON "
      "m.file = "
      "n.id JOIN library_item i ON i.title = m.title OR i.id = m.item JOIN library_file f ON f.item = i.id "
      "JOIN "
      "library_folder d ON d.id = f.folder WHERE n.kind = 'nfo' AND f.missing_us IS NULL AND n.folder IN " +
          these,
      {});
  if (!described) return std::unexpected(described.error());
  for (const SqlRow row : *described) {
    const auto unplaced = inside
                              .query(call_, "UPDATE library_folder SET signature = $2 WHERE id = $1",
                                     row.integer(0), blob(kUnplaced))
                              .wait();
    if (!unplaced) return std::unexpected(unplaced.error());
    lost.to_place_anew.push_back({row.integer(0), row.integer(1), std::string(row.text(2))});
  }
  for (const std::string& text :
       {"DELETE FROM library_metadata WHERE file IN (SELECT id FROM library_file WHERE kind = 'nfo' AND "
        "folder IN " +
            these + ")",
        std::string(kRecount) + "id IN (SELECT item FROM library_file WHERE folder IN " + these + ")",
        "DELETE FROM library_folder WHERE id IN " + these +
            " AND NOT EXISTS (SELECT 1 FROM library_file f WHERE f.folder = library_folder.id)"}) {
    if (const auto done = run(text, {}); !done) return std::unexpected(done.error());
  }
  const Signature none{};
  const auto done = run("UPDATE library_folder SET signature = $1 WHERE id IN " + behind,
                        {blob(std::string_view(reinterpret_cast<const char*>(none.data()), sizeof none))});
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<Store::Lost> SqlStore::loseFolders(std::span<const std::int64_t> folders) {
  Lost lost;
  const Status asked = inParts(
      folders, {}, [](std::int64_t id) { return SqlValue(id); },
      [&](const std::string&, const std::vector<SqlValue>& values) {
        Lost some;
        const Status done =
            sql_.transact(call_, {.label = "scan: missing"}, [&](const SqlTransaction& inside) -> Status {
              some = {};
              return loseSome(inside, values, some);
            });
        lost.files += some.files;
        std::ranges::move(some.to_place_anew, std::back_inserter(lost.to_place_anew));
        return done;
      });
  if (!asked) return std::unexpected(asked.error());
  return lost;
}

Result<std::vector<Store::Pair>> SqlStore::pairs(std::int64_t since_us) {
  const auto any =
      sql_.query(call_,
                 "SELECT 1 FROM library_file WHERE missing_us IS NOT NULL AND sample IS NOT NULL LIMIT 1")
          .wait();
  if (!any) return std::unexpected(any.error());
  std::vector<Pair> all;
  if (any->empty()) return all;
  std::string found_columns(kFileColumns);
  for (std::size_t at = 0; (at = found_columns.find("f.", at)) != std::string::npos;) found_columns[at] = 'n';
  const auto found =
      sql_.query(
              call_,
              fmt::format(
                  "SELECT {}, d.root, d.path, f.sample, {}, nd.root, nd.path FROM library_file n CROSS JOIN "
                  "library_file f JOIN library_folder d ON d.id = f.folder JOIN library_root r ON r.id = "
                  "d.root JOIN library_folder nd ON nd.id = n.folder JOIN library_root nr ON nr.id = nd.root "
                  "WHERE r.library = $1 AND nr.library = $1 AND n.added_us >= $2 AND n.missing_us IS NULL "
                  "AND "
                  "f.bytes = n.bytes AND f.missing_us IS NOT NULL AND f.sample IS NOT NULL",
                  kFileColumns, found_columns),
              blob(library_), since_us)
          .wait();
  if (!found) return std::unexpected(found.error());
  for (const SqlRow row : *found) {
    constexpr std::uint32_t kSecond = kFileColumnCount + 3;
    all.push_back(
        {.missing = {fileAt(row), row.integer(kFileColumnCount), std::string(row.text(kFileColumnCount + 1))},
         .sample = std::string(row.text(kFileColumnCount + 2)),
         .found = {fileAt(row, kSecond), row.integer(kSecond + kFileColumnCount),
                   std::string(row.text(kSecond + kFileColumnCount + 1))}});
  }
  return all;
}

Status SqlStore::merge(const FileRow& missing, const FileRow& found) {
  return sql_.transact(call_, {.label = "scan: moved"}, [&](const SqlTransaction& inside) -> Status {
    const auto run = [&](std::string_view text, const auto&... values) -> Status {
      const auto done = inside.query(call_, text, values...).wait();
      if (!done) return std::unexpected(done.error());
      return {};
    };
    const Signature none{};
    Status done = run("DELETE FROM library_file WHERE id = $1", blob(found.id));
    if (done)
      done =
          run("UPDATE library_file SET folder = $2, name = $3, modified_ns = $4, device = $5, inode = $6, "
              "missing_us = "
              "NULL, missing_scans = 0 WHERE id = $1",
              blob(missing.id), found.folder, blob(found.name), found.modified_ns, found.device, found.inode);
    if (done && found.item)
      done =
          run("DELETE FROM library_title WHERE id = (SELECT i.title FROM library_item i WHERE i.id = $1 AND "
              "NOT EXISTS "
              "(SELECT 1 FROM library_file f WHERE f.item = i.id) AND NOT EXISTS (SELECT 1 FROM library_item "
              "o WHERE "
              "o.title = i.title AND o.id <> i.id))",
              blob(*found.item));
    if (done && found.item)
      done =
          run("DELETE FROM library_item WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM library_file f WHERE "
              "f.item = "
              "library_item.id)",
              blob(*found.item));
    if (done && missing.item) done = run(std::string(kRecount) + "id = $1", blob(*missing.item));
    if (done)
      done = run("UPDATE library_folder SET signature = $2 WHERE id = $1", found.folder,
                 blob(std::string_view(reinterpret_cast<const char*>(none.data()), sizeof none)));
    return done;
  });
}

Result<std::uint64_t> SqlStore::conclude(std::int64_t keep_missing_us) {
  std::uint64_t held_back = 0;
  bool has_purged = false;
  const Status done =
      sql_.transact(call_, {.label = "scan: end"}, [&](const SqlTransaction& inside) -> Status {
        const std::int64_t now = now_us_();
        const auto counted =
            inside
                .query(call_,
                       fmt::format("UPDATE library_file SET missing_scans = missing_scans + 1 WHERE "
                                   "missing_us IS NOT NULL AND {}",
                                   kOfLibrary),
                       blob(library_))
                .wait();
        if (!counted) return std::unexpected(counted.error());
        const auto scanned =
            inside
                .query(call_, "UPDATE library_library SET scans = scans + 1, scanned_us = $2 WHERE id = $1",
                       blob(library_), now)
                .wait();
        if (!scanned) return std::unexpected(scanned.error());
        if (counted->changed() == 0) return {};
        const std::int64_t before = now - keep_missing_us;
        const auto gone =
            inside
                .query(call_,
                       fmt::format("SELECT count(*), (SELECT count(*) FROM library_file WHERE {0}) FROM "
                                   "library_file WHERE {1} AND {0}",
                                   kOfLibrary, kLongGone),
                       blob(library_), before)
                .wait();
        if (!gone) return std::unexpected(gone.error());
        constexpr std::int64_t kMostOfLibrary = 5;  // a fifth
        const std::int64_t count = (*gone)[0].integer(0);
        if (count * kMostOfLibrary > (*gone)[0].integer(1)) {
          held_back = static_cast<std::uint64_t>(count);
          return {};
        }
        if (count == 0) return {};
        const auto purged =
            inside
                .query(call_, fmt::format("DELETE FROM library_file WHERE {} AND {}", kLongGone, kOfLibrary),
                       blob(library_), before)
                .wait();
        if (!purged) return std::unexpected(purged.error());
        has_purged = true;
        return {};
      });
  if (!done) return std::unexpected(done.error());
  if (has_purged)
    if (const Status dropped = dropUnused(); !dropped) return std::unexpected(dropped.error());
  return held_back;
}

Result<std::uint64_t> SqlStore::purge(std::int64_t keep_missing_us, bool dry) {
  const std::int64_t before = now_us_() - keep_missing_us;
  const std::string which = fmt::format("library_file WHERE {} AND {}", kLongGone, kOfLibrary);
  if (dry) {
    const auto found = sql_.query(call_, "SELECT count(*) FROM " + which, blob(library_), before).wait();
    if (!found) return std::unexpected(found.error());
    return static_cast<std::uint64_t>((*found)[0].integer(0));
  }
  const auto purged = sql_.query(call_, "DELETE FROM " + which, blob(library_), before).wait();
  if (!purged) return std::unexpected(purged.error());
  if (const Status dropped = dropUnused(); !dropped) return std::unexpected(dropped.error());
  return purged->changed();
}

Status SqlStore::dropUnused() {
  for (const std::string_view text : {"DELETE FROM library_item WHERE library = $1 AND files = 0 AND NOT "
                                      "EXISTS (SELECT 1 FROM library_file f WHERE "
                                      "f.item = library_item.id)",
                                      "DELETE FROM library_title WHERE library = $1 AND NOT EXISTS (SELECT 1 "
                                      "FROM library_item i WHERE i.title = "
                                      "library_title.id)"}) {
    const auto done = sql_.query(call_, text, blob(library_)).wait();
    if (!done) return std::unexpected(done.error());
  }
  return {};
}

}  // namespace library
