// What the control plane answers, as JSON text; docs/control-plane.md shows each shape. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/routes.hpp"
#include "base/result.hpp"
#include "observe/events.hpp"
#include "plugin/plugins.hpp"

namespace revenge::admin {

std::string describe(const plugin::Listing& listing);
std::string describe(const plugin::PluginView& view);
std::string describe(const plugin::Report& report);
std::string describe(const std::vector<plugin::Report>& reports);  // of one generation
std::string describe(const plugin::Step& step);
std::string describe(const plugin::Outlook& outlook);
std::string describe(const plugin::Cause& cause);
std::string describe(const plugin::GraphView& graph);
std::string describe(const observe::Event& event);
std::string traceOf(const observe::EventCause& cause);  // 32 hex digits; empty: not traced
std::string describe(const config::Applied& applied);
std::string describe(const base::Error& error);
std::string describeHost(const ControlRooms& rooms);

// The HTTP status that an error is answered with.
std::uint32_t statusOf(base::Errc code);

}  // namespace revenge::admin
