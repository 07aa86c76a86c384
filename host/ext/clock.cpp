// Adapter of revenge.clock/1.
#include <revenge/abi/clock.h>

#include "ext/bundle.hpp"

namespace revenge::ext {

namespace {

std::int64_t monotonic(const revenge_host* host) {
  const Ties* ties = alive(host);
  return ties == nullptr ? 0 : ties->bundle.rooms.clock.now().time_since_epoch().count();
}

std::int64_t wall(const revenge_host* host) {
  const Ties* ties = alive(host);
  return ties == nullptr ? 0 : ties->bundle.rooms.clock.wall().time_since_epoch().count();
}

}  // namespace

const revenge_clock& clockTable() {
  static constexpr revenge_clock kTable{sizeof(revenge_clock), 0, monotonic, wall};
  return kTable;
}

}  // namespace revenge::ext
