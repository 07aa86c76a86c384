// Flags as people read them; as show.hpp says of all answers. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showFlags(const document::Value& flags, Colours colours);
std::string showFlag(const document::Value& flag, Colours colours);
std::string showExplanation(const document::Value& told, Colours colours);
// What came of a change, or of a dry run of one.
std::string showEdited(const document::Value& edited, Colours colours);

}  // namespace revenge::ctl
