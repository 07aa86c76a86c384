// The program's own _exit and _Exit. What a program defines comes before libc's for every library it loads, so a plugin that
// ends the process by one of them is written down first; atexit() has no part in these. Only the program links this file.
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/crash_handler.hpp"

namespace {

[[noreturn]] void leave(int code) {
  revenge::observe::noteExit();
  for (;;) ::syscall(SYS_exit_group, code);
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): these are the names
extern "C" __attribute__((noreturn, visibility("default"))) void _exit(int code) { leave(code); }
extern "C" __attribute__((noreturn, visibility("default"))) void _Exit(int code) noexcept { leave(code); }
// NOLINTEND(bugprone-reserved-identifier)
