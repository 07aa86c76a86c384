// What clients see of a library. A value. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/library_settings.hpp"
#include "catalogue/id.hpp"

namespace library::api {

class JsonWriter;

struct RootView {
  std::string path;   // as the disk has it
  std::string state;  // new, online, offline
  std::string reason{};
};

struct LibraryView {
  Id id;
  std::string name, type;
  std::int64_t revision = 0;
  std::int64_t created_us = 0, updated_us = 0;
  std::optional<std::int64_t> scanned_us{};
  std::int64_t items = 0, files = 0;
  std::vector<RootView> roots{};

  LibrarySettings settings() const;
};

void write(JsonWriter& out, std::string_view key, const LibraryView& library);
std::string libraryJson(const LibraryView& library);

}  // namespace library::api
