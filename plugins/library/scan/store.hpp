// Store: the catalogue as a scan needs it. Calls block; one thread at a time. An error ends the scan, which may begin anew.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/result.hpp>

#include "catalogue/rows.hpp"

namespace library {

using revenge::Result;
using revenge::Status;

struct RootRow {
  std::int64_t id = 0;
  std::string path;
  std::optional<std::uint64_t> device;  // when it was last read
  std::string state;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::vector<RootRow>> roots() = 0;
  // Those at `below` and in it; in no order.
  virtual Status folders(std::int64_t root, std::string_view below,
                         const std::function<void(FolderRow&&)>& take) = 0;
  virtual Result<std::optional<FolderRow>> folder(std::int64_t root, std::string_view path) = 0;
  virtual Result<std::vector<FileRow>> files(std::span<const std::int64_t> folders) = 0;
  virtual Result<std::vector<PlacedRow>> filesByInode(std::span<const std::uint64_t> inodes) = 0;
  // Of this library.
  virtual Result<std::vector<TitleRow>> titles(std::span<const std::string> matches) = 0;
  virtual Result<std::vector<TitleRow>> titlesById(std::span<const Id> ids) = 0;
  virtual Result<std::vector<ItemRow>> items(const Id& title, std::span<const std::string> slots) = 0;
  virtual Result<std::vector<ItemRow>> itemsById(std::span<const Id> ids) = 0;

  // What these sidecars describe.
  virtual Result<std::vector<ToldRow>> told(std::span<const Id> sidecars) = 0;
  // Those of them that are there and say something.
  virtual Result<std::vector<Id>> speaking(std::span<const Id> sidecars) = 0;
  // Which titles have files at `below` and in it, by the folders that hold them.
  virtual Result<std::vector<std::pair<std::int64_t, Id>>> titlesBelow(std::int64_t root,
                                                                       std::string_view below) = 0;
  // The folders that hold files of a title or an item.
  virtual Result<std::vector<FolderRow>> foldersOf(const Id& subject) = 0;
  // That one, if a sidecar in it says something.
  virtual Result<std::optional<FolderRow>> describingFolder(std::int64_t root, std::string_view path) = 0;

  // All or nothing.
  virtual Status apply(const Changes& changes) = 0;

  enum class Files : std::uint8_t { kThere, kAny };  // kAny: also those that are missing
  virtual Result<bool> hasFiles(std::int64_t root, Files which) = 0;
  virtual Result<std::uint64_t> countFiles(std::int64_t root) = 0;  // that are there; takes a while
  virtual Status setRoot(std::int64_t root, std::string_view state, std::string_view trouble,
                         std::optional<std::uint64_t> device) = 0;
  struct Lost {
    std::uint64_t files = 0;               // that were not missing yet
    std::vector<FolderRow> to_place_anew;  // others, with what sidecars among those files described
  };
  // Marks what is in these folders as missing.
  virtual Result<Lost> loseFolders(std::span<const std::int64_t> folders) = 0;
  // A file that went missing and one that came in this library, of the same size: a pair may be one file.
  struct Pair {
    PlacedRow missing;
    std::string sample;  // of its content, when it was there
    PlacedRow found;
  };
  virtual Result<std::vector<Pair>> pairs(std::int64_t since_us) = 0;
  virtual Status merge(const FileRow& missing, const FileRow& found) = 0;
  // After a scan that read everything: counts it for what is missing, deletes what has been for long, and titles and items
  // that have nothing. How many files may go only with a word of the operator.
  virtual Result<std::uint64_t> conclude(std::int64_t keep_missing_us) = 0;
  virtual Status dropUnused() = 0;
};

}  // namespace library
