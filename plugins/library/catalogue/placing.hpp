// place(): which titles and items the media files of one folder are, by their names. Pure; thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/rows.hpp"
#include "catalogue/sidecar.hpp"

namespace library {

struct PlacedFile {
  std::size_t file = 0;  // in the list given
  std::size_t version = 0;
  int part = 0;
  std::string label{};
  std::string resolution{};
  std::string extra{};
  std::string facts{};  // of a subtitle
};

// What a sidecar says of an item.
struct Told {
  std::size_t file = 0;   // in the list given
  std::size_t entry = 0;  // of the file
  SidecarEntry says{};
};

struct PlacedItem {
  TitleRow title;      // without id; by the names alone
  ItemRow item;        // without ids; likewise
  bool joins = false;  // a title of the same match elsewhere in the library is this one
  std::vector<PlacedFile> files;
  std::optional<Told> told{};
};

// Where the title is that a sidecar describes.
enum class TitleScope : std::uint8_t {
  kFolder,  // in its own folder
  kBelow,   // there or below
  kEach     // the same, and it may be several
};

struct TitleSidecar {
  std::size_t file = 0;  // in the list given
  TitleScope scope = TitleScope::kFolder;
  SidecarEntry::Of of = SidecarEntry::Of::kMovie;
  std::optional<int> season{};  // by the folder's name
};

struct Placement {
  std::vector<PlacedItem> items;
  std::vector<PlacedFile> loose;  // extras, subtitles and sidecars of none of them
  std::vector<TitleSidecar> of_titles{};
};

struct NamedFile {
  std::string_view name;
  naming::Kind kind;
  std::string_view tags{};  // of a track or a sidecar, as they are stored
};

Placement place(LibraryType type, std::string_view folder, std::span<const NamedFile> files);

// Files of a folder of extras or subtitles, as those of the folder around it, whose files are `around`: item i belongs to
// around[i]. Nothing: this is no such folder.
struct Adopted {
  PlacedFile file;
  std::size_t owner = 0;  // in `around`; kNoOwner: of none
};
inline constexpr std::size_t kNoOwner = static_cast<std::size_t>(-1);
bool belongsToFolderAround(std::string_view folder);
std::vector<Adopted> adopt(std::string_view folder, std::span<const NamedFile> files,
                           std::span<const NamedFile> around);

// The folder is one of a disc's own, as VIDEO_TS is, or right in one.
bool isOfDisc(std::string_view folder);

// What two spellings of one name share. Never empty, unless the name is.
std::string matchKey(std::string_view name);
// A name as it is sorted: folded, without a leading article, numbers by their value.
std::string sortKey(std::string_view name);

}  // namespace library
