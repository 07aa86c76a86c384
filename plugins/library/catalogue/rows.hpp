// The rows of the catalogue as a scan reads and writes them; wiring/schema.hpp says what each column is. Values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/id.hpp"
#include "naming/ids.hpp"
#include "naming/kind.hpp"

namespace library {

enum class LibraryType : std::uint8_t { kMovies, kShows, kMusic };

using Signature = std::array<std::uint64_t, 2>;  // of the files of a folder; zeros: of none

struct FolderRow {
  std::int64_t id = 0;
  std::int64_t root = 0;
  std::string path{};  // below the root
  Signature signature{};
};

struct TitleRow {
  Id id;
  std::string kind{};
  std::string name{};
  std::string sort{};
  std::string match{};  // what is equal for two files of one title
  std::string artist{};
  std::optional<int> year;
  naming::Ids ids;
  std::optional<Id> told_by{};      // the sidecar that says how it is shown; none: the names of its files do
  std::optional<int> named_year{};  // by those names, while a sidecar says it

  // The one it is known by.
  std::optional<int> matchYear() const { return told_by ? named_year : year; }
};

struct ItemRow {
  Id id;
  Id title;
  std::string kind{};
  std::string slot{};  // which of its title: "m", "s01e02", "d1t03"
  std::string name{};
  std::string sort{};
  std::string air_date{};  // 2018-03-24; empty: none
  std::optional<int> year, season, episode, episode_last, disc, track;
  std::int64_t files = 0;       // there, to be played, and no extras
  std::optional<Id> told_by{};  // as a title's
};

struct FileRow {
  Id id;
  std::int64_t folder = 0;
  std::string name{};
  std::optional<Id> item{};
  std::optional<Id> title{};  // of a sidecar that describes one as a whole
  naming::Kind kind = naming::Kind::kVideo;
  std::string extra{};       // "trailer"; empty: the thing itself
  std::int64_t version = 0;  // those of an item with the same one are its parts
  int part = 0;
  std::string label{};
  std::string resolution{};
  std::string facts{};  // of a subtitle: JSON
  std::string tags{};   // of a track, as TrackTags stores them; of a sidecar, as SidecarEntry
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool is_missing = false;
  bool is_read = false;  // of a sidecar: what it says is known, or that it says nothing

  bool isMain() const {
    return extra.empty() && (kind == naming::Kind::kVideo || kind == naming::Kind::kAudio);
  }
  bool isSidecar() const { return kind == naming::Kind::kNfo; }
  bool operator==(const FileRow&) const = default;
};

// A file row and where it is.
struct PlacedRow {
  FileRow file;
  std::int64_t root = 0;
  std::string path{};  // of its folder
};

// What an entry of a sidecar describes.
struct ToldRow {
  Id file;
  Id subject;  // a title or an item
  bool is_item = false;
  std::string part{};  // of the subject: "season 2", "artist"; empty: itself
  std::size_t entry = 0;

  bool operator==(const ToldRow&) const = default;
};

// What a scan found, to be written as one.
struct Changes {
  std::vector<FolderRow> new_folders;
  std::vector<std::pair<std::int64_t, Signature>> signatures;
  std::vector<TitleRow> new_titles, changed_titles;
  std::vector<ItemRow> new_items, changed_items;
  std::vector<FileRow> new_files;
  std::vector<FileRow> moved_files;    // all of the row but what was found inside of the file
  std::vector<FileRow> changed_files;  // the same, and what was found inside is to be found anew
  std::vector<Id> missing_files;
  std::vector<Id> recount;  // items whose number of files may have changed
  std::vector<ToldRow> told, no_longer_told;
  std::vector<FolderRow>
      to_place_anew;  // what they hold belongs elsewhere, or is called otherwise, by what came to be known

  bool empty() const {
    return new_folders.empty() && signatures.empty() && new_titles.empty() && changed_titles.empty() &&
           new_items.empty() && changed_items.empty() && new_files.empty() && moved_files.empty() &&
           changed_files.empty() && missing_files.empty() && recount.empty() && told.empty() &&
           no_longer_told.empty() && to_place_anew.empty();
  }
};

}  // namespace library
