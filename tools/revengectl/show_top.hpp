// What the plugins are doing, as people read it. Thread safety: pure functions.
#pragma once

#include <array>
#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showTop(const document::Value& top, Colours colours);

// REQ/S, ERR, P99 and CPU of one plugin; "-" where `top` says nothing about it.
inline constexpr std::array kTraffic{"REQ/S", "ERR", "P99", "CPU"};
std::array<Cell, kTraffic.size()> trafficOf(const document::Value& top, std::string_view plugin);

}  // namespace revenge::ctl
