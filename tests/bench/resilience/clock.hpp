// The one reading of the clock that each measured call makes. Thread safety: any thread.
#pragma once

#include <chrono>

#include "policy/moment.hpp"

namespace revenge::bench {

using resilience::Duration;
using resilience::Moment;

inline Moment now() noexcept { return Moment(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace revenge::bench
