// One log line as text for people or as JSON. Values cannot forge anything: control characters, line
// separators, bidirectional overrides and bytes that are no UTF-8 are escaped, long values are cut. Thread
// safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "observe/log.hpp"

namespace revenge::observe {

enum class LogFormat : std::uint8_t { kText, kJson };

inline constexpr std::size_t kMaxLogValueBytes = 4096;  // of a message or value; the rest becomes "..."

// 2026-11-23T20:11:54.123456Z INFO  http           listening address=127.0.0.1 port=8096. Members of a group stand
// with its name before them: disk.free=12.
void appendText(std::string& out, const LogRecord& record);

// {"time":"...","level":"info","component":"http","message":"listening","attributes":{"port":8096}}; the
// attributes stand in an object of their own, groups in objects within it. A duration is in nanoseconds.
void appendJson(std::string& out, const LogRecord& record);

// In that format, with a line end.
void appendLine(std::string& out, LogFormat format, const LogRecord& record);

}  // namespace revenge::observe
