// SqlStore: the catalogue of one library in revenge.sql/1. For one thread, which may block.
#pragma once

#include <functional>

#include <revenge/sql.hpp>

#include "scan/store.hpp"

namespace library {

class SqlStore final : public Store {
 public:
  SqlStore(revenge::Sql sql, revenge::Call call, const Id& library, std::function<std::int64_t()> now_us)
      : sql_(sql), call_(call), library_(library), now_us_(std::move(now_us)) {}

  Result<std::vector<RootRow>> roots() override;
  Status folders(std::int64_t root, std::string_view below,
                 const std::function<void(FolderRow&&)>& take) override;
  Result<std::optional<FolderRow>> folder(std::int64_t root, std::string_view path) override;
  Result<std::vector<FileRow>> files(std::span<const std::int64_t> folders) override;
  Result<std::vector<PlacedRow>> filesByInode(std::span<const std::uint64_t> inodes) override;
  Result<std::vector<TitleRow>> titles(std::span<const std::string> matches) override;
  Result<std::vector<TitleRow>> titlesById(std::span<const Id> ids) override;
  Result<std::vector<ItemRow>> items(const Id& title, std::span<const std::string> slots) override;
  Result<std::vector<ItemRow>> itemsById(std::span<const Id> ids) override;
  Result<std::vector<ToldRow>> told(std::span<const Id> sidecars) override;
  Result<std::vector<Id>> speaking(std::span<const Id> sidecars) override;
  Result<std::vector<std::pair<std::int64_t, Id>>> titlesBelow(std::int64_t root,
                                                               std::string_view below) override;
  Result<std::vector<FolderRow>> foldersOf(const Id& subject) override;
  Result<std::optional<FolderRow>> describingFolder(std::int64_t root, std::string_view path) override;
  Status apply(const Changes& changes) override;
  Result<bool> hasFiles(std::int64_t root, Files which) override;
  Result<std::uint64_t> countFiles(std::int64_t root) override;
  Status setRoot(std::int64_t root, std::string_view state, std::string_view trouble,
                 std::optional<std::uint64_t> device) override;
  Result<Lost> loseFolders(std::span<const std::int64_t> folders) override;
  Result<std::vector<Pair>> pairs(std::int64_t since_us) override;
  Status merge(const FileRow& missing, const FileRow& found) override;
  Result<std::uint64_t> conclude(std::int64_t keep_missing_us) override;
  Status dropUnused() override;
  // Deletes what has been missing for so long and for two complete scans, however much it is; or says how much.
  Result<std::uint64_t> purge(std::int64_t keep_missing_us, bool dry);

 private:
  // Those whose last column in `text` is one of `these`; `before` are the parameters in front of them.
  template <class Row, class T, class Make>
  Result<std::vector<Row>> select(const std::string& text, std::initializer_list<revenge::SqlValue> before,
                                  std::span<const T> these, Make make,
                                  Row (*read)(const revenge::SqlRow&)) const;
  revenge::Status loseSome(const revenge::SqlTransaction& inside, std::span<const revenge::SqlValue> folders,
                           Lost& lost) const;
  revenge::Result<revenge::SqlRows> rows(std::string_view text,
                                         std::span<const revenge::SqlValue> values) const;

  revenge::Sql sql_;
  revenge::Call call_;
  Id library_;
  std::function<std::int64_t()> now_us_;
};

revenge::SqlValue blob(std::string_view bytes);
revenge::SqlValue blob(const Id& id);

}  // namespace library
