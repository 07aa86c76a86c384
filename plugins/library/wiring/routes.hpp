// Routes: the interface to clients below /api/v1, whole: libraries, scans, titles, items. Made in the plugin's constructor,
// which registers all of it; lives as long as the plugin. Safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "wiring/api.hpp"
#include "wiring/catalogue_routes.hpp"
#include "wiring/library_routes.hpp"

namespace library {

struct RoutesOptions {
  std::vector<std::string> allowed{"/"};  // folders that a library may lie in
  std::string cursor_key{};  // cursors are sealed with it; the same after a restart, or they end with it
};

class Routes {
 public:
  // Borrows host and scans.
  Routes(revenge::Host& host, revenge::Sql sql, Scans& scans, RoutesOptions options)
      : api_(host),
        seal_(std::move(options.cursor_key)),
        libraries_(api_, sql, scans, std::move(options.allowed), seal_),
        catalogue_(api_, sql, seal_) {}

 private:
  Api api_;
  api::CursorSeal seal_;
  LibraryRoutes libraries_;
  CatalogueRoutes catalogue_;
};

}  // namespace library
