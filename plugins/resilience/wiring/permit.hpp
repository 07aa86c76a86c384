// What crosses the boundary of revenge.resilience/1, from and to what the domain says. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <revenge/abi/resilience.h>

#include "wiring/reply.hpp"

namespace revenge::resilience {

enum class Phase : std::uint8_t { kAcquire, kSettle };

// Fills the permit, whose size is set, and the error, which may be null.
revenge_status tell(const Reply& reply, Phase phase, revenge_resilience_permit& permit,
                    revenge_error* error) noexcept;
revenge_status sayNoPipeline(std::string_view name, revenge_error* error) noexcept;

// Empty: the verdict is none.
std::optional<Settlement> settlementOf(const revenge_resilience_outcome& outcome) noexcept;

}  // namespace revenge::resilience
