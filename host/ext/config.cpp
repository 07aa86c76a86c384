// Adapter of revenge.config/1: the running section of the plugin, asked for instead of pushed.
#include <revenge/abi/config.h>

#include "ext/bundle.hpp"

namespace revenge::ext {

namespace {

revenge_status read(const revenge_host* host, revenge_buffer* json, revenge_error* error) {
  const Ties* ties = alive(host);
  if (ties == nullptr) return gone(error);
  if (json == nullptr) return say(error, REVENGE_INVALID, "json is NULL");
  const auto section = host->section.load();
  if (section == nullptr) return say(error, REVENGE_UNAVAILABLE, "not configured yet");
  *json = ownedBuffer(section->json());
  return REVENGE_OK;
}

std::uint64_t revision(const revenge_host* host) {
  return alive(host) == nullptr ? 0 : host->section.revision();
}

}  // namespace

const revenge_configuration& configTable() {
  static constexpr revenge_configuration kTable{sizeof(revenge_configuration), 0, read, revision};
  return kTable;
}

}  // namespace revenge::ext
