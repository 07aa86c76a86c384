#include "wiring/row_sets.hpp"

#include "wiring/schema.hpp"
#include "wiring/sql_store.hpp"

namespace library {

namespace {

using revenge::SqlValue;
using revenge::Status;

// Rows as sets of values for one statement.
class Sets {
 public:
  template <class... Values>
  void add(const Values&... values) {
    (values_.push_back(SqlValue(values)), ...);
    ++count_;
  }
  Status run(const revenge::SqlTransaction& inside, const revenge::Call& call, std::string_view text) const {
    if (count_ == 0) return {};
    const auto done = inside.batch(call, text, values_, count_).wait();
    if (!done) return std::unexpected(done.error());
    return {};
  }

 private:
  std::vector<SqlValue> values_;
  std::size_t count_ = 0;
};

SqlValue bytesOf(const Signature& signature) {
  return blob(std::string_view(reinterpret_cast<const char*>(signature.data()), sizeof signature));
}
SqlValue orNull(const std::optional<Id>& id) { return id ? blob(*id) : SqlValue(); }
SqlValue orNull(const std::string& text) { return text.empty() ? SqlValue() : SqlValue(text); }
std::int64_t stored(std::uint64_t number) { return static_cast<std::int64_t>(number); }

Status writeFolders(const revenge::SqlTransaction& inside, const revenge::Call& call,
                    const Changes& changes) {
  Sets made;
  for (const FolderRow& folder : changes.new_folders)
    made.add(folder.id, folder.root, blob(folder.path), bytesOf(folder.signature));
  Status done = made.run(inside, call,
                         "INSERT INTO library_folder (id, root, path, signature) VALUES ($1, $2, $3, $4)");
  if (!done) return done;
  Sets signatures;
  for (const auto& [id, signature] : changes.signatures) signatures.add(id, bytesOf(signature));
  for (const FolderRow& folder : changes.to_place_anew) signatures.add(folder.id, blob(kUnplaced));
  return signatures.run(inside, call, "UPDATE library_folder SET signature = $2 WHERE id = $1");
}

Status writeTitles(const revenge::SqlTransaction& inside, const revenge::Call& call, const Id& library,
                   const Changes& changes, std::int64_t now_us) {
  Sets made;
  for (const TitleRow& title : changes.new_titles)
    made.add(blob(title.id), blob(library), title.kind, title.name, title.sort, title.match, title.year,
             title.artist, title.ids.tmdb, title.ids.imdb, title.ids.tvdb, orNull(title.told_by),
             title.named_year, now_us);
  Status done = made.run(
      inside, call,
      "INSERT INTO library_title (id, library, kind, name, sort, match_key, year, artist, tmdb, "
      "imdb, tvdb, told_by, named_year, added_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14)");
  if (!done) return done;
  Sets changed;
  for (const TitleRow& title : changes.changed_titles)
    changed.add(blob(title.id), title.name, title.sort, title.match, title.year, title.artist, title.ids.tmdb,
                title.ids.imdb, title.ids.tvdb, orNull(title.told_by), title.named_year);
  return changed.run(
      inside, call,
      "UPDATE library_title SET name = $2, sort = $3, match_key = $4, year = $5, artist = $6, tmdb = "
      "$7, imdb = $8, tvdb = $9, told_by = $10, named_year = $11 WHERE id = $1");
}

Status writeItems(const revenge::SqlTransaction& inside, const revenge::Call& call, const Id& library,
                  const Changes& changes, std::int64_t now_us) {
  Sets made;
  for (const ItemRow& item : changes.new_items)
    made.add(blob(item.id), blob(library), blob(item.title), item.kind, item.slot, item.name, item.sort,
             item.year, item.season, item.episode, item.episode_last, orNull(item.air_date), item.disc,
             item.track, item.files, orNull(item.told_by), now_us);
  Status done =
      made.run(inside, call,
               "INSERT INTO library_item (id, library, title, kind, slot, name, sort, year, "
               "season, episode, episode_last, "
               "air_date, disc, track, files, told_by, added_us) VALUES ($1, $2, $3, $4, $5, $6, $7, "
               "$8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");
  if (!done) return done;
  Sets changed;
  for (const ItemRow& item : changes.changed_items)
    changed.add(blob(item.id), blob(item.title), item.slot, item.name, item.sort, item.year, item.season,
                item.episode, item.episode_last, orNull(item.air_date), item.disc, item.track,
                orNull(item.told_by));
  return changed.run(
      inside, call,
      "UPDATE library_item SET title = $2, slot = $3, name = $4, sort = $5, year = $6, season = $7, "
      "episode = $8, episode_last = $9, air_date = $10, disc = $11, track = $12, told_by = $13 WHERE id = "
      "$1");
}

void addFile(Sets& sets, const FileRow& file) {
  sets.add(blob(file.id), file.folder, blob(file.name), orNull(file.item), naming::kindName(file.kind),
           file.extra, file.version, file.part, file.label, file.resolution, orNull(file.facts),
           stored(file.bytes), file.modified_ns, stored(file.device), stored(file.inode), orNull(file.title));
}

// After what they describe, and the files that do.
Status writeTold(const revenge::SqlTransaction& inside, const revenge::Call& call, const Changes& changes,
                 std::int64_t now_us) {
  Sets gone;
  for (const ToldRow& row : changes.no_longer_told) gone.add(blob(row.subject), row.part, blob(row.file));
  Status done = gone.run(inside, call,
                         "DELETE FROM library_metadata WHERE subject = $1 AND part = $2 AND provider = 'nfo' "
                         "AND file = $3");
  if (!done) return done;
  Sets told;
  for (const ToldRow& row : changes.told)
    told.add(blob(row.subject), row.part, row.is_item ? SqlValue() : blob(row.subject),
             row.is_item ? blob(row.subject) : SqlValue(), blob(row.file),
             static_cast<std::int64_t>(row.entry), now_us);
  return told.run(
      inside, call,
      "INSERT INTO library_metadata (subject, part, provider, language, title, item, file, entry, "
      "updated_us) VALUES ($1, $2, 'nfo', '', $3, $4, $5, $6, $7) ON CONFLICT (subject, part, "
      "provider, language) DO UPDATE SET file = excluded.file, entry = excluded.entry, "
      "updated_us = excluded.updated_us");
}

Status writeFiles(const revenge::SqlTransaction& inside, const revenge::Call& call, const Changes& changes,
                  std::int64_t now_us) {
  Sets made;
  for (const FileRow& file : changes.new_files) {
    const std::int64_t probe = file.kind == naming::Kind::kSubtitle ? column::kNeedless : column::kWaiting;
    made.add(blob(file.id), file.folder, blob(file.name), orNull(file.item), naming::kindName(file.kind),
             file.extra, file.version, file.part, file.label, file.resolution, orNull(file.facts),
             stored(file.bytes), file.modified_ns, stored(file.device), stored(file.inode),
             orNull(file.title), probe, now_us);
  }
  Status done =
      made.run(inside, call,
               "INSERT INTO library_file (id, folder, name, item, kind, extra, version, part, "
               "label, resolution, facts, bytes, "
               "modified_ns, device, inode, title, probe, added_us) VALUES ($1, $2, $3, $4, $5, $6, "
               "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
  if (!done) return done;
  constexpr std::string_view kMoved =
      "UPDATE library_file SET folder = $2, name = $3, item = $4, kind = $5, extra = $6, version = $7, part "
      "= $8, "
      "label = $9, resolution = $10, facts = CASE WHEN kind = 'subtitle' THEN $11 ELSE facts END, bytes = "
      "$12, "
      "modified_ns = $13, device = $14, inode = $15, title = $16, missing_us = NULL, missing_scans = 0";
  Sets moved;
  for (const FileRow& file : changes.moved_files) addFile(moved, file);
  done = moved.run(inside, call, std::string(kMoved) + " WHERE id = $1");
  if (!done) return done;
  Sets changed;
  for (const FileRow& file : changes.changed_files) addFile(changed, file);
  done = changed.run(inside, call,
                     std::string(kMoved) +
                         ", sample = NULL, tags = CASE WHEN kind = 'nfo' THEN tags ELSE '' END, probe_error "
                         "= '', duration_ms = NULL, probe = CASE "
                         "WHEN kind = 'subtitle' "
                         "THEN 3 ELSE 0 END WHERE id = $1");
  if (!done) return done;
  Sets missing;
  for (const Id& id : changes.missing_files) missing.add(blob(id), now_us);
  return missing.run(
      inside, call,
      "UPDATE library_file SET missing_us = $2, missing_scans = 0 WHERE id = $1 AND missing_us IS NULL");
}

}  // namespace

Status writeAll(const revenge::SqlTransaction& inside, const revenge::Call& call, const Id& library,
                const Changes& changes, std::int64_t now_us) {
  Status done = writeFolders(inside, call, changes);
  if (done) done = writeTitles(inside, call, library, changes, now_us);
  if (done) done = writeItems(inside, call, library, changes, now_us);
  if (done) done = writeFiles(inside, call, changes, now_us);
  if (done) done = writeTold(inside, call, changes, now_us);
  if (!done) return done;
  Sets recount;
  for (const Id& id : changes.recount) recount.add(blob(id));
  return recount.run(inside, call,
                     "UPDATE library_item SET files = (SELECT count(*) FROM library_file f WHERE f.item = "
                     "library_item.id AND f.missing_us IS NULL AND f.extra = '' AND f.kind IN ('video', "
                     "'audio')) WHERE id = "
                     "$1");
}

}  // namespace library
