// The findings of a doctor as people read them. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showFindings(const document::Array& findings, Colours colours);
bool hasProblem(const document::Array& findings);

}  // namespace revenge::ctl
