// Adapter of revenge.paths/1: one folder per plugin id and kind, below the host's state, cache and run folders.
#include <filesystem>
#include <system_error>

#include <revenge/abi/paths.h>

#include "ext/bundle.hpp"

namespace revenge::ext {

namespace {

std::filesystem::path folderOf(const Ties& ties, std::uint32_t kind) {
  const Rooms& rooms = ties.bundle.rooms;
  switch (kind) {
    case REVENGE_PATH_STATE:
      return rooms.state_dir / "plugins" / ties.host.id;
    case REVENGE_PATH_CACHE:
      return rooms.cache_dir / "plugins" / ties.host.id;
    case REVENGE_PATH_TEMPORARY:
      return rooms.temporary_dir / ties.host.id;
    case REVENGE_PATH_PACKAGE:
      return ties.host.package;
    default:
      return {};
  }
}

revenge_status folder(const revenge_host* host, std::uint32_t kind, revenge_buffer* path,
                      revenge_error* error) {
  const Ties* ties = alive(host);
  if (ties == nullptr) return gone(error);
  if (path == nullptr) return say(error, REVENGE_INVALID, "path is NULL");
  const std::filesystem::path found = folderOf(*ties, kind);
  if (found.empty()) return say(error, REVENGE_INVALID, fmt::format("unknown kind of folder {}", kind));
  std::error_code failed;
  std::filesystem::create_directories(found, failed);
  if (failed)
    return say(error, REVENGE_IO, fmt::format("{}: cannot be made: {}", found.string(), failed.message()));
  *path = ownedBuffer(found.string());
  return REVENGE_OK;
}

}  // namespace

const revenge_paths& pathsTable() {
  static constexpr revenge_paths kTable{sizeof(revenge_paths), 0, folder};
  return kTable;
}

}  // namespace revenge::ext
