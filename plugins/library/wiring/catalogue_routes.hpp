// CatalogueRoutes: titles and items, as clients list and see them. Reads the database alone. Safe from any thread; borrows what
// it is given, and lives as long as the plugin.
#pragma once

#include <revenge/sql.hpp>

#include "api/cursor.hpp"
#include "wiring/api.hpp"

namespace library {

class CatalogueRoutes {
 public:
  CatalogueRoutes(Api& api, revenge::Sql sql, const api::CursorSeal& seal);

 private:
  Answer items(const revenge::Request& request) const;
  Answer item(const revenge::Request& request) const;
  Answer titles(const revenge::Request& request) const;
  Answer title(const revenge::Request& request) const;

  revenge::Sql sql_;
  const api::CursorSeal& seal_;
};

}  // namespace library
