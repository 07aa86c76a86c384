// What a CrashHandler and CrashSteps left of a process that is gone, read by the next one. A record that ends in the middle gives
// what it has. Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/stack_frame.hpp"

namespace revenge::observe {

struct BuildOfPlugin {
  std::string id{};
  std::string version{};
  std::string sha256{};

  bool operator==(const BuildOfPlugin&) const = default;
};

struct CrashRecord {
  std::string kind{};         // "signal", "exit"
  std::int64_t time_s = 0;    // since 1970 UTC
  std::string signal{};       // "SEGV"
  std::uint64_t address = 0;  // that was touched, of SEGV and BUS
  std::string thread{};       // its name
  std::string reason{};       // of std::terminate
  std::string host_build{};
  std::optional<BuildOfPlugin> inside{};  // whose code the thread was given to
  std::string doing{};
  std::vector<StackFrame> frames{};     // innermost first
  std::vector<BuildOfPlugin> images{};  // of the plugins that were mapped
  bool complete = false;

  // Whose code it was: the innermost frame in a plugin's image, else whom the thread was inside of. Nothing: nobody's that is known.
  std::optional<BuildOfPlugin> culprit() const;
  // One line for people: "SIGSEGV at 0x0 in 'start' of plugin thumbs 1.0.0 (thumbs.so+0x1139, thread thumbs)".
  std::string summary() const;
};

// Nothing: the text is empty, no process died.
std::optional<CrashRecord> readCrash(std::string_view text);

}  // namespace revenge::observe
