// Lines of the audit log and of tail as people read them, from answers that were parsed but not believed. Thread safety:
// pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showTail(const document::Value& line, Colours colours);
std::string showRecord(const document::Value& record, Colours colours);
std::string showMissed(const document::Value& line, std::string_view what,
                       Colours colours);  // empty: it is none

}  // namespace revenge::ctl
