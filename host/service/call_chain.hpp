// The instances above a call's frame, as they travel in revenge_call::inside: who is inside a held instance already is
// let into it again. Thread safety: pure functions.
#pragma once

#include <cstdint>

#include <revenge/abi/base.h>

#include "service/refs.hpp"

namespace revenge::service {

static_assert(kMaxInstances <= 64 * (sizeof(revenge_call::inside) / sizeof(std::uint64_t)));

inline void markInside(revenge_call& call, std::uint32_t instance) {
  call.inside[instance >> 6U & 3U] |= std::uint64_t{1} << (instance & 63U);
}
inline bool isInside(const revenge_call& call, std::uint32_t instance) {
  return (call.inside[instance >> 6U & 3U] >> (instance & 63U) & 1U) != 0;
}

}  // namespace revenge::service
