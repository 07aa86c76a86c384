// The tables of the catalogue. One instance of the plugin writes to them, others only read.
//
// A title is what people talk of (a film, a show, an album); an item is what is played (the film, an episode, a track); a
// file is on disk. Files are versions, parts and extras of items. Whatever users have belongs to items and titles, so that
// files may come and go. Ids are the 16 bytes of Id; keys are IdMaker's; times are microseconds since 1970 UTC; what the disk
// holds as bytes stays bytes.
//
// A page of items by title or by when they came is read from an index, be it of one library or of all (library_item_all_...): it
// costs the same wherever it stands. Other orders sort what the filter leaves: each further index makes every scan slower.
//
// What a sidecar file (.nfo) says is kept with the file, a line of JSON for each description in it (facts), and what of it decides how
// titles and items are shown (tags); library_metadata says which title or item each line describes. Other providers of metadata
// write there too, with the facts in the row. Whoever shows them merges: of each field the first provider that has it, in the
// order of the library; of which there is one, nfo. told_by is the file whose words stand in name, sort, year, air_date and ids.
#pragma once

#include <array>
#include <string>

#include <revenge/sql.hpp>

namespace library {

namespace detail {

inline constexpr std::string_view kTables = R"(
CREATE TABLE library_library (
  id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, revision BIGINT NOT NULL,
  created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL,
  scanned_us BIGINT, scans BIGINT NOT NULL DEFAULT 0);
CREATE TABLE library_library_history (
  id BLOB NOT NULL REFERENCES library_library (id) ON DELETE CASCADE, revision BIGINT NOT NULL,
  name TEXT NOT NULL, type TEXT NOT NULL, created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL,
  PRIMARY KEY (id, revision));
CREATE TABLE library_root (
  id BIGINT PRIMARY KEY, library BLOB NOT NULL REFERENCES library_library (id) ON DELETE CASCADE,
  place BIGINT NOT NULL, path BLOB NOT NULL, device BIGINT, state TEXT NOT NULL DEFAULT 'new', trouble TEXT NOT NULL DEFAULT '',
  UNIQUE (library, path));
CREATE TABLE library_folder (
  id BIGINT PRIMARY KEY, root BIGINT NOT NULL REFERENCES library_root (id) ON DELETE CASCADE,
  path BLOB NOT NULL, signature BLOB NOT NULL,
  UNIQUE (root, path));
CREATE TABLE library_title (
  id BLOB PRIMARY KEY, library BLOB NOT NULL REFERENCES library_library (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, name TEXT NOT NULL, sort TEXT NOT NULL, match_key TEXT NOT NULL, year BIGINT, artist TEXT NOT NULL DEFAULT '',
  tmdb TEXT NOT NULL DEFAULT '', imdb TEXT NOT NULL DEFAULT '', tvdb TEXT NOT NULL DEFAULT '', added_us BIGINT NOT NULL);
CREATE INDEX library_title_match ON library_title (library, match_key);
CREATE INDEX library_title_sort ON library_title (library, sort, id);
CREATE TABLE library_item (
  id BLOB PRIMARY KEY, library BLOB NOT NULL REFERENCES library_library (id) ON DELETE CASCADE,
  title BLOB NOT NULL REFERENCES library_title (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, slot TEXT NOT NULL, name TEXT NOT NULL, sort TEXT NOT NULL, year BIGINT,
  season BIGINT, episode BIGINT, episode_last BIGINT, air_date TEXT, disc BIGINT, track BIGINT,
  files BIGINT NOT NULL, added_us BIGINT NOT NULL,
  UNIQUE (title, slot));
CREATE INDEX library_item_sort ON library_item (library, sort, id);
CREATE INDEX library_item_added ON library_item (library, added_us, id);
CREATE INDEX library_item_all_sort ON library_item (sort, id);
CREATE INDEX library_item_all_added ON library_item (added_us, id);
CREATE TABLE library_file (
  id BLOB PRIMARY KEY, folder BIGINT NOT NULL REFERENCES library_folder (id) ON DELETE CASCADE, name BLOB NOT NULL,
  item BLOB REFERENCES library_item (id) ON DELETE SET NULL,
  kind TEXT NOT NULL, extra TEXT NOT NULL DEFAULT '', version BIGINT NOT NULL DEFAULT 0, part BIGINT NOT NULL DEFAULT 0,
  label TEXT NOT NULL DEFAULT '', resolution TEXT NOT NULL DEFAULT '',
  bytes BIGINT NOT NULL, modified_ns BIGINT NOT NULL, device BIGINT NOT NULL, inode BIGINT NOT NULL,
  sample BLOB, probe BIGINT NOT NULL DEFAULT 0, probe_error TEXT NOT NULL DEFAULT '', facts TEXT, tags TEXT NOT NULL DEFAULT '', duration_ms BIGINT,
  added_us BIGINT NOT NULL, missing_us BIGINT, missing_scans BIGINT NOT NULL DEFAULT 0,
  UNIQUE (folder, name));
CREATE INDEX library_file_item ON library_file (item);
CREATE INDEX library_file_inode ON library_file (inode);
CREATE INDEX library_file_waiting ON library_file (id) WHERE probe = 0;
CREATE INDEX library_file_missing ON library_file (bytes) WHERE missing_us IS NOT NULL;
)";

// A title keeps in named_year the year it is known by, while another is shown. library_file.title is of a sidecar that describes a
// title as a whole. A row of library_metadata goes with what it describes: subject once more, as title or as item. part: of the
// subject, "season 2" or "artist"; empty: itself. facts: null for those of `file`, on its line `entry`.
inline constexpr std::string_view kMetadata = R"(
ALTER TABLE library_title ADD COLUMN told_by BLOB;
ALTER TABLE library_title ADD COLUMN named_year BIGINT;
ALTER TABLE library_item ADD COLUMN told_by BLOB;
ALTER TABLE library_file ADD COLUMN title BLOB REFERENCES library_title (id) ON DELETE SET NULL;
CREATE INDEX library_file_title ON library_file (title) WHERE title IS NOT NULL;
CREATE INDEX library_file_unread ON library_file (id) WHERE probe = 0 AND kind = 'nfo';
CREATE TABLE library_metadata (
  subject BLOB NOT NULL, part TEXT NOT NULL, provider TEXT NOT NULL, language TEXT NOT NULL,
  title BLOB REFERENCES library_title (id) ON DELETE CASCADE, item BLOB REFERENCES library_item (id) ON DELETE CASCADE,
  facts TEXT, file BLOB REFERENCES library_file (id) ON DELETE CASCADE, entry BIGINT NOT NULL DEFAULT 0, updated_us BIGINT NOT NULL,
  PRIMARY KEY (subject, part, provider, language));
CREATE INDEX library_metadata_title ON library_metadata (title) WHERE title IS NOT NULL;
CREATE INDEX library_metadata_item ON library_metadata (item) WHERE item IS NOT NULL;
CREATE INDEX library_metadata_file ON library_metadata (file) WHERE file IS NOT NULL;
)";

inline std::string forPostgresql(std::string_view sqlite) {
  std::string text(sqlite);
  constexpr std::string_view kBytes = "BLOB";
  for (std::size_t at = 0; (at = text.find(kBytes, at)) != std::string::npos;)
    text.replace(at, kBytes.size(), "BYTEA");
  return text;
}

}  // namespace detail

// What stands in columns of few values.
namespace column {
inline constexpr std::string_view kMovie = "movie", kShow = "show", kAlbum = "album";  // library_title.kind
inline constexpr std::string_view kEpisode = "episode", kTrack = "track";  // library_item.kind, and kMovie
inline constexpr std::string_view kVideo = "video", kAudio = "audio", kSubtitle = "subtitle",
                                  kNfo = "nfo";          // library_file.kind
inline constexpr std::string_view kProviderNfo = "nfo";  // library_metadata.provider
inline constexpr std::string_view kNew = "new", kOnline = "online",
                                  kOffline = "offline";                               // library_root.state
enum Probe : std::int64_t { kWaiting = 0, kProbed = 1, kFailed = 2, kNeedless = 3 };  // library_file.probe
}  // namespace column

inline revenge::Status migrate(const revenge::Sql& sql, const revenge::Call& call) {
  const std::string tables = detail::forPostgresql(detail::kTables);
  const std::string metadata = detail::forPostgresql(detail::kMetadata);
  const std::array steps{
      revenge::SqlMigration{.name = "catalogue", .sqlite = detail::kTables, .postgresql = tables},
      revenge::SqlMigration{.name = "metadata", .sqlite = detail::kMetadata, .postgresql = metadata}};
  return sql.migrate(call, "library", steps);
}

}  // namespace library
