// LibraryStore: the libraries in the database, with their roots. Safe from any thread; its calls block.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <revenge/sql.hpp>
#include <revenge/sql_history.hpp>

#include "api/library_view.hpp"
#include "catalogue/id.hpp"

namespace library {

class LibraryStore {
 public:
  explicit LibraryStore(revenge::Sql sql);

  // nullopt: there is none.
  revenge::Result<std::optional<api::LibraryView>> find(const revenge::Call& call, const Id& id) const;
  revenge::Result<bool> exists(const revenge::Call& call, const Id& id) const;
  // The columns that rowOf() reads, of library_library AS l.
  static std::string_view columns();
  static api::LibraryView rowOf(const revenge::SqlRow& row);
  // Their roots and counts, which stand in no column.
  revenge::Status complete(const revenge::Call& call, std::span<api::LibraryView> libraries) const;

  // kExists: the name is taken.
  revenge::Result<Id> create(const revenge::Call& call, const api::LibrarySettings& settings,
                             std::int64_t now_us);
  // A path that is gone takes with it what lies below, then items without files, then titles without items. kNotFound: the
  // library is no longer as `before` has it. kExists: the name is taken.
  revenge::Status change(const revenge::Call& call, const api::LibraryView& before,
                         const api::LibrarySettings& settings, std::int64_t now_us);
  // kNotFound as for change().
  revenge::Status remove(const revenge::Call& call, const Id& id, std::int64_t revision) const;
  revenge::Result<std::optional<Id>> named(const revenge::Call& call, std::string_view name) const;

 private:
  revenge::Status addRoot(const revenge::SqlTransaction& inside, const revenge::Call& call, const Id& library,
                          std::int64_t place, std::string_view path, std::int64_t now_us);

  revenge::Sql sql_;
  revenge::SqlHistory history_;
  std::mutex mutex_;
  IdMaker ids_;  // guarded by mutex_
};

}  // namespace library
