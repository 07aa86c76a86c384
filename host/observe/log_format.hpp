// One log line as text for people or as JSON. Values cannot forge anything: control characters, line
// separators, bidirectional overrides and bytes that are no UTF-8 are escaped, long values are cut. Thread
// safety: pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "observe/log.hpp"

namespace revenge::observe {

inline constexpr std::size_t kMaxLogValueBytes = 4096;  // of a message or value; the rest becomes "..."
inline constexpr std::size_t kMaxLogAttributes = 64;    // of a line, bound ones included; the rest is counted

// 2026-11-23T20:11:54.123456Z INFO  http           listening address=127.0.0.1 port=8096
void appendText(std::string& out, const LogRecord& record);

// {"time":"...","level":"info","component":"http","message":"listening","attributes":{"port":8096}}; the
// attributes of a plugin stand in an object of their own so that none can pose as a field. A duration is in
// nanoseconds.
void appendJson(std::string& out, const LogRecord& record);

}  // namespace revenge::observe
