// The host's answers as people read them. Every function takes an answer that was parsed but not believed: what is
// missing shows as empty. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

// With the traffic of an answer of /v1/top beside each plugin; an empty value where there is none.
std::string showListing(const document::Value& listing, const document::Value& top, Colours colours);
std::string showPlugin(const document::Value& plugin, Colours colours);
std::string showStatus(const document::Value& status, Colours colours);
std::string showEvent(const document::Value& event, Colours colours);

// An operation: its steps on one line as they come ("loaded 3 ms · configured · "), then how it ended and what is left.
std::string showStep(const document::Value& step);
std::string showReport(const document::Value& report, Colours colours);
std::string showDraining(const document::Value& report,
                         Colours colours);  // what of it goes on; empty: nothing

}  // namespace revenge::ctl
