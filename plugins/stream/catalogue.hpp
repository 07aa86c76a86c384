// Catalogue: the media files found by one scan. Immutable, shared by all requests that began while it was current.
//
// File names are bytes: a path is kept and opened as it was read. What identifies a file outside is its id, which
// says nothing of the path and stays the same for as long as folder and path do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fingerprint.hpp"
#include "media_type.hpp"

namespace stream {

struct Entry {
  Fingerprint id;
  std::uint32_t folder = 0;  // index into Catalogue::folders()
  std::string path;          // below the folder, without leading slash; any bytes but NUL
  std::uint64_t size = 0;
  std::int64_t modified_s = 0;  // since 1970
  const MediaType* type = nullptr;

  std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
};

Fingerprint idOf(std::string_view folder, std::string_view path);

class Catalogue {
 public:
  Catalogue() = default;
  Catalogue(std::vector<std::string> folders, std::vector<Entry> entries);

  std::span<const Entry> entries() const { return entries_; }  // by path, then folder
  const std::vector<std::string>& folders() const { return folders_; }
  const std::string& folderOf(const Entry& entry) const { return folders_[entry.folder]; }
  const Entry* find(const Fingerprint& id) const;

 private:
  std::vector<std::string> folders_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> byId_;
};

using CataloguePtr = std::shared_ptr<const Catalogue>;  // shared: a request keeps the one it began with

}  // namespace stream
