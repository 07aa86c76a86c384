// Health as application/health+json (draft-inadarei-api-health-check). Thread safety: pure functions.
#pragma once

#include <string>

#include "observe/health.hpp"

namespace revenge::admin {

inline constexpr std::string_view kHealthType = "application/health+json";

// For everybody: the verdict alone.
std::string tellHealth(observe::Verdict verdict);
// For whoever may look at the control plane: everything behind it.
std::string tellHealth(const observe::HealthReport& report);

}  // namespace revenge::admin
