// Moments of a manual clock.
#pragma once

#include "policy/moment.hpp"

namespace revenge::resilience {

inline Moment at(double seconds) { return Moment() + scaled(std::chrono::seconds(1), seconds); }
inline Moment atMs(std::int64_t milliseconds) { return Moment(std::chrono::milliseconds(milliseconds)); }

}  // namespace revenge::resilience
