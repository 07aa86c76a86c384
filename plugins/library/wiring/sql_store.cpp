#include "wiring/sql_store.hpp"

#include <cstring>

#include <fmt/format.h>

#include "wiring/row_sets.hpp"
#include "wiring/rows.hpp"

namespace library {

namespace {

using revenge::SqlRow;
using revenge::SqlRows;
using revenge::SqlTransaction;
using revenge::SqlValue;
using rows::fileAt;
using rows::inParts;
using rows::kFileColumnCount;
using rows::kFileColumns;
using rows::numberAt;

constexpr std::uint64_t kFetched = 5000;

constexpr std::string_view kTitleColumns =
    "id, kind, name, sort, match_key, artist, year, tmdb, imdb, tvdb, told_by, named_year";

TitleRow titleAt(const SqlRow& row) {
  TitleRow title;
  title.id = idOf(row.text(0)).value_or(Id());
  title.kind = row.text(1);
  title.name = row.text(2);
  title.sort = row.text(3);
  title.match = row.text(4);
  title.artist = row.text(5);
  title.year = numberAt(row, 6);
  title.ids = {std::string(row.text(7)), std::string(row.text(8)), std::string(row.text(9))};
  title.told_by = idOf(row.text(10));
  title.named_year = numberAt(row, 11);
  return title;
}

constexpr std::string_view kItemColumns =
    "id, title, kind, slot, name, sort, air_date, year, season, episode, episode_last, disc, track, files, "
    "told_by";

ItemRow itemAt(const SqlRow& row) {
  ItemRow item;
  item.id = idOf(row.text(0)).value_or(Id());
  item.title = idOf(row.text(1)).value_or(Id());
  item.kind = row.text(2);
  item.slot = row.text(3);
  item.name = row.text(4);
  item.sort = row.text(5);
  item.air_date = row.text(6);
  item.year = numberAt(row, 7);
  item.season = numberAt(row, 8);
  item.episode = numberAt(row, 9);
  item.episode_last = numberAt(row, 10);
  item.disc = numberAt(row, 11);
  item.track = numberAt(row, 12);
  item.files = row.integer(13);
  item.told_by = idOf(row.text(14));
  return item;
}

template <class T>
SqlValue valueOf(const T& value) {
  if constexpr (std::is_same_v<T, Id>)
    return blob(value);
  else
    return SqlValue(value);
}

Signature signatureAt(const SqlRow& row, std::uint32_t column) {
  Signature signature{};
  const std::string_view bytes = row.text(column);
  if (bytes.size() == sizeof signature) std::memcpy(signature.data(), bytes.data(), sizeof signature);
  return signature;
}

FolderRow folderAt(const SqlRow& row) {
  return {row.integer(0), row.integer(1), std::string(row.text(2)), signatureAt(row, 3)};
}

}  // namespace

SqlValue blob(std::string_view bytes) { return {std::as_bytes(std::span(bytes.data(), bytes.size()))}; }
SqlValue blob(const Id& id) { return blob(bytesOf(id)); }

revenge::Result<SqlRows> SqlStore::rows(std::string_view text, std::span<const SqlValue> values) const {
  return sql_.batch(call_, text, values, 1).wait();
}

Result<std::vector<RootRow>> SqlStore::roots() {
  const auto found =
      sql_.query(call_,
                 "SELECT id, path, device, state FROM library_root WHERE library = $1 ORDER BY place, id",
                 blob(library_))
          .wait();
  if (!found) return std::unexpected(found.error());
  std::vector<RootRow> roots;
  for (const SqlRow row : *found) {
    std::optional<std::uint64_t> device;
    if (!row.isNull(2)) device = static_cast<std::uint64_t>(row.integer(2));
    roots.push_back({row.integer(0), std::string(row.text(1)), device, std::string(row.text(3))});
  }
  return roots;
}

Status SqlStore::folders(std::int64_t root, std::string_view below,
                         const std::function<void(FolderRow&&)>& take) {
  const std::string first = fmt::format("{}/", below);
  const std::string last = fmt::format("{}0", below);  // '0' follows '/'
  const auto cursor =
      below.empty()
          ? sql_.open(call_, "SELECT id, root, path, signature FROM library_folder WHERE root = $1", root)
                .wait()
          : sql_.open(
                    call_,
                    "SELECT id, root, path, signature FROM library_folder WHERE root = $1 AND (path = $2 OR "
                    "(path > $3 AND path < $4))",
                    root, blob(below), blob(first), blob(last))
                .wait();
  if (!cursor) return std::unexpected(cursor.error());
  for (;;) {
    const auto some = cursor->fetch(call_, kFetched).wait();
    if (!some) return std::unexpected(some.error());
    if (some->empty()) return {};
    for (const SqlRow row : *some) take(folderAt(row));
  }
}

Result<std::optional<FolderRow>> SqlStore::folder(std::int64_t root, std::string_view path) {
  const auto found =
      sql_.query(call_, "SELECT id, root, path, signature FROM library_folder WHERE root = $1 AND path = $2",
                 root, blob(path))
          .wait();
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return std::optional<FolderRow>();
  return std::optional(folderAt((*found)[0]));
}

template <class Row, class T, class Make>
Result<std::vector<Row>> SqlStore::select(const std::string& text, std::initializer_list<SqlValue> before,
                                          std::span<const T> these, Make make,
                                          Row (*read)(const SqlRow&)) const {
  std::vector<Row> all;
  const Status asked =
      inParts(these, before, make, [&](const std::string& in, const std::vector<SqlValue>& values) -> Status {
        const auto found = rows(text + " IN " + in, values);
        if (!found) return std::unexpected(found.error());
        for (const SqlRow row : *found) all.push_back(read(row));
        return {};
      });
  if (!asked) return std::unexpected(asked.error());
  return all;
}

Result<std::vector<FileRow>> SqlStore::files(std::span<const std::int64_t> folders) {
  return select<FileRow>(fmt::format("SELECT {} FROM library_file f WHERE f.folder", kFileColumns), {},
                         folders, valueOf<std::int64_t>, [](const SqlRow& row) { return fileAt(row); });
}

Result<std::vector<PlacedRow>> SqlStore::filesByInode(std::span<const std::uint64_t> inodes) {
  return select<PlacedRow>(
      fmt::format(
          "SELECT {}, d.root, d.path FROM library_file f JOIN library_folder d ON d.id = f.folder JOIN "
          "library_root r ON r.id = d.root WHERE r.library = $1 AND f.inode",
          kFileColumns),
      {blob(library_)}, inodes, valueOf<std::uint64_t>, [](const SqlRow& row) {
        return PlacedRow{fileAt(row), row.integer(kFileColumnCount),
                         std::string(row.text(kFileColumnCount + 1))};
      });
}

Result<std::vector<TitleRow>> SqlStore::titles(std::span<const std::string> matches) {
  return select<TitleRow>(
      fmt::format("SELECT {} FROM library_title WHERE library = $1 AND match_key", kTitleColumns),
      {blob(library_)}, matches, valueOf<std::string>, titleAt);
}

Result<std::vector<TitleRow>> SqlStore::titlesById(std::span<const Id> ids) {
  return select<TitleRow>(fmt::format("SELECT {} FROM library_title WHERE id", kTitleColumns), {}, ids,
                          valueOf<Id>, titleAt);
}

Result<std::vector<ItemRow>> SqlStore::items(const Id& title, std::span<const std::string> slots) {
  return select<ItemRow>(fmt::format("SELECT {} FROM library_item WHERE title = $1 AND slot", kItemColumns),
                         {blob(title)}, slots, valueOf<std::string>, itemAt);
}

Result<std::vector<ItemRow>> SqlStore::itemsById(std::span<const Id> ids) {
  return select<ItemRow>(fmt::format("SELECT {} FROM library_item WHERE id", kItemColumns), {}, ids,
                         valueOf<Id>, itemAt);
}

Result<std::vector<ToldRow>> SqlStore::told(std::span<const Id> sidecars) {
  return select<ToldRow>(
      "SELECT file, subject, CASE WHEN item IS NULL THEN 0 ELSE 1 END, part, entry FROM library_metadata "
      "WHERE provider = 'nfo' AND file",
      {}, sidecars, valueOf<Id>, [](const SqlRow& row) {
        return ToldRow{.file = idOf(row.text(0)).value_or(Id()),
                       .subject = idOf(row.text(1)).value_or(Id()),
                       .is_item = row.boolean(2),
                       .part = std::string(row.text(3)),
                       .entry = static_cast<std::size_t>(row.integer(4))};
      });
}

Result<std::vector<Id>> SqlStore::speaking(std::span<const Id> sidecars) {
  return select<Id>(
      "SELECT id FROM library_file WHERE kind = 'nfo' AND tags <> '' AND missing_us IS NULL AND id", {},
      sidecars, valueOf<Id>, [](const SqlRow& row) { return idOf(row.text(0)).value_or(Id()); });
}

Result<std::vector<std::pair<std::int64_t, Id>>> SqlStore::titlesBelow(std::int64_t root,
                                                                       std::string_view below) {
  constexpr std::string_view kTitles =
      "SELECT DISTINCT d.id, i.title FROM library_folder d JOIN library_file f ON f.folder = d.id JOIN "
      "library_item i ON i.id = f.item WHERE f.missing_us IS NULL AND d.root = $1";
  const std::string first = fmt::format("{}/", below);
  const std::string last = fmt::format("{}0", below);  // '0' follows '/'
  const auto found =
      below.empty() ? sql_.query(call_, kTitles, root).wait()
                    : sql_.query(call_,
                                 std::string(kTitles) +
                                     " AND (d.path = $2 OR (d.path > $3 AND d.path < $4)) ORDER BY i.title",
                                 root, blob(below), blob(first), blob(last))
                          .wait();
  if (!found) return std::unexpected(found.error());
  std::vector<std::pair<std::int64_t, Id>> titles;
  for (const SqlRow row : *found) titles.emplace_back(row.integer(0), idOf(row.text(1)).value_or(Id()));
  return titles;
}

Result<std::vector<FolderRow>> SqlStore::foldersOf(const Id& subject) {
  const auto found =
      sql_.query(
              call_,
              "SELECT DISTINCT d.id, d.root, d.path, d.signature FROM library_item i JOIN library_file f ON "
              "f.item = i.id JOIN library_folder d ON d.id = f.folder WHERE (i.title = $1 OR i.id = $1) AND "
              "f.missing_us IS NULL",
              blob(subject))
          .wait();
  if (!found) return std::unexpected(found.error());
  std::vector<FolderRow> folders;
  for (const SqlRow row : *found) folders.push_back(folderAt(row));
  return folders;
}

Result<std::optional<FolderRow>> SqlStore::describingFolder(std::int64_t root, std::string_view path) {
  const auto found =
      sql_.query(
              call_,
              "SELECT d.id, d.root, d.path, d.signature FROM library_folder d WHERE d.root = $1 AND d.path "
              "= $2 AND EXISTS (SELECT 1 FROM library_file f WHERE f.folder = d.id AND f.kind = 'nfo' AND "
              "f.tags <> '' AND f.missing_us IS NULL)",
              root, blob(path))
          .wait();
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return std::optional<FolderRow>();
  return std::optional(folderAt((*found)[0]));
}

Status SqlStore::apply(const Changes& changes) {
  if (changes.empty()) return {};
  return sql_.transact(call_, {.label = "scan"}, [&](const SqlTransaction& inside) -> Status {
    const std::int64_t now = now_us_();
    return writeAll(inside, call_, library_, changes, now);
  });
}

Result<bool> SqlStore::hasFiles(std::int64_t root, Files which) {
  constexpr std::string_view kAny =
      "SELECT 1 FROM library_folder d JOIN library_file f ON f.folder = d.id WHERE d.root = $1 LIMIT 1";
  constexpr std::string_view kThere =
      "SELECT 1 FROM library_folder d JOIN library_file f ON f.folder = d.id WHERE d.root = $1 AND "
      "f.missing_us IS NULL "
      "LIMIT 1";
  const auto found = sql_.query(call_, which == Files::kAny ? kAny : kThere, root).wait();
  if (!found) return std::unexpected(found.error());
  return !found->empty();
}

Result<std::uint64_t> SqlStore::countFiles(std::int64_t root) {
  const auto found =
      sql_.query(call_,
                 "SELECT count(*) FROM library_folder d JOIN library_file f ON f.folder = d.id WHERE "
                 "d.root = $1 AND f.missing_us IS NULL",
                 root)
          .wait();
  if (!found) return std::unexpected(found.error());
  return static_cast<std::uint64_t>((*found)[0].integer(0));
}

Status SqlStore::setRoot(std::int64_t root, std::string_view state, std::string_view trouble,
                         std::optional<std::uint64_t> device) {
  std::optional<std::int64_t> stored;
  if (device) stored = static_cast<std::int64_t>(*device);
  const auto done =
      sql_.query(call_,
                 "UPDATE library_root SET state = $2, trouble = $3, device = coalesce($4, device) WHERE "
                 "id = $1 AND (state <> $2 OR trouble <> $3 OR device IS NULL OR device <> $4)",
                 root, state, trouble, stored)
          .wait();
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace library
