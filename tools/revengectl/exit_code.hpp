// How revengectl ends. Scripts rely on these numbers: they never change their meaning. Thread safety: plain values.
#pragma once

#include <cstdint>

namespace revenge::ctl {

enum class Exit : std::uint8_t {
  kOk = 0,
  kFailed = 1,        // the host refused, or the operation failed; everything is as before
  kUsage = 2,         // the command line, or the file of a plan, is wrong; nothing was sent
  kUnreachable = 3,   // no host answers at the socket
  kNotFound = 4,      // the host knows no such plugin or key, or finds no such folder
  kBusy = 5,          // another operation on this plugin is going on; trying again helps
  kTimedOut = 6,      // no answer in time; the operation may still be going on
  kStale = 7,         // another generation runs than the one it was decided on; look again
  kDenied = 8,        // who asks may not
  kOtherVersion = 9,  // the host is of a version that knows no such command
  kCannot = 10,       // a question what would change: it could not be done at all
};

// Questions what would change (plan, config diff) end with kOk for nothing, with this for something, and with kCannot
// where others end with kFailed.
inline constexpr Exit kWouldChange = Exit::kFailed;

}  // namespace revenge::ctl
