// What the control plane answers about the configuration, as JSON text; docs/control-plane.md shows each shape. A value that
// nobody is shown is null beside "secret": true. Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "config/desk.hpp"

namespace revenge::admin {

std::string describe(const std::vector<config::Entry>& entries);
std::string describe(const config::Explained& explained);
std::string describe(const std::vector<config::Difference>& differences);
std::string describe(const config::Verdict& verdict);
std::string describe(const config::HistoryView& history);
std::string describe(const config::Outcome& outcome);

}  // namespace revenge::admin
