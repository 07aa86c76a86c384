// Plans, causes and the graph as people read them, from answers that were parsed but not believed. Thread safety: pure
// functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showOutlook(const document::Value& outlook, Colours colours);
std::string showApplied(const document::Value& applied, Colours colours);  // a report for each plugin
std::string showCause(const document::Value& cause, Colours colours);
std::string showGraph(const document::Value& graph, Colours colours);  // providers below their consumers
std::string showDot(const document::Value& graph, Colours colours);    // for dot(1)

}  // namespace revenge::ctl
