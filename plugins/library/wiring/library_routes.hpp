// LibraryRoutes: libraries and their scans, as clients list, make, change and delete them. Safe from any thread; borrows what
// it is given, and lives as long as the plugin.
#pragma once

#include <string>
#include <vector>

#include "api/cursor.hpp"
#include "wiring/api.hpp"
#include "wiring/library_store.hpp"
#include "wiring/scans.hpp"

namespace library {

class LibraryRoutes {
 public:
  LibraryRoutes(Api& api, revenge::Sql sql, Scans& scans, std::vector<std::string> allowed,
                const api::CursorSeal& seal);

 private:
  using Changed = std::expected<api::LibrarySettings, api::Problem>;

  Answer list(const revenge::Request& request) const;
  Answer create(const revenge::Request& request);
  Answer show(const revenge::Request& request) const;
  Answer put(const revenge::Request& request);
  Answer patch(const revenge::Request& request);
  Answer remove(const revenge::Request& request);
  Answer showScan(const revenge::Request& request) const;
  Answer startScan(const revenge::Request& request);
  Answer stopScan(const revenge::Request& request);

  // The library that the path names; with its precondition: and If-Match names what it is now (428, 412).
  // The id alone: nothing is counted.
  std::expected<Id, api::Problem> named(const revenge::Request& request) const;
  std::expected<api::LibraryView, api::Problem> found(const revenge::Request& request) const;
  std::expected<api::LibraryView, api::Problem> unchanged(const revenge::Request& request) const;
  Changed read(const api::Json& body, const api::LibraryView* before) const;
  Answer change(const revenge::Request& request, const api::LibraryView& before, const api::Json& body);
  Answer shown(const revenge::Request& request, const Id& id, int status) const;
  api::Problem refusedChange(const revenge::Request& request, const revenge::Error& error,
                             std::string_view name) const;
  std::string scanJson(const Id& id) const;

  Api& api_;
  revenge::Sql sql_;
  Scans& scans_;
  std::vector<std::string> allowed_;
  const api::CursorSeal& seal_;
  LibraryStore store_;
};

}  // namespace library
