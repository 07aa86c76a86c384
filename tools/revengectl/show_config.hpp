// The host's answers about its configuration as text for people. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showValues(const document::Value& answer, Colours colours);
std::string showExplained(const document::Value& explained, Colours colours);
std::string showDifferences(const document::Value& answer, Colours colours);
std::string showHistory(const document::Value& history, Colours colours);
std::string showOutcome(const document::Value& outcome, Colours colours);  // of set, unset, rollback, reload

}  // namespace revenge::ctl
