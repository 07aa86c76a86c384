// The host's answers as people read them. Every function takes an answer that was parsed but not believed: what is
// missing shows as empty. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showListing(const document::Value& listing, Colours colours);
std::string showPlugin(const document::Value& plugin, Colours colours);
std::string showStatus(const document::Value& status, Colours colours);
std::string showEvent(const document::Value& event, Colours colours);

// An operation: its steps on one line as they come ("loaded 3 ms · configured · "), then how it ended and what is left.
std::string showStep(const document::Value& step);
std::string showReport(const document::Value& report, Colours colours);

}  // namespace revenge::ctl
