// What a call of the boundary says about the lines that are logged in it. Thread safety: a pure function.
#pragma once

#include <cstdint>

#include <revenge/abi/base.h>

#include "observe/log.hpp"

namespace revenge::observe {

// Views of `origin`.
inline LogContext contextOf(const revenge_origin& origin) {
  return {{origin.request_id.data, origin.request_id.size},
          {origin.user_key.data, origin.user_key.size},
          {origin.trace_id_high, origin.trace_id_low, origin.span_id,
           static_cast<std::uint8_t>(origin.trace_flags)}};
}

}  // namespace revenge::observe
