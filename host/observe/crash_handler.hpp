// What the process writes down about its own death: which signal, whose code, on which thread, doing what, and the frames of its
// stack as build-ids and offsets. For signals that end it, std::terminate, exit() called from somewhere else than main, and, where
// the program asks for it, _exit().
//
// The handler of a signal belongs to the process, as does the memory it reads (code_map.hpp); install() and the CrashHandler it gives
// stand for the lifetime. After the record is written the signal takes its course, so that a core is
// dumped, or a sanitizer reports, as without this.
//
// Thread safety: any thread.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.hpp"

namespace revenge::observe {

class CrashHandler {
 public:
  // The file is made now, so that nothing but write() is needed later; it is empty unless the process crashed. `host_build`: the
  // build-id of the program. One at a time.
  static base::Result<CrashHandler> install(const std::filesystem::path& file, std::string_view host_build);
  CrashHandler(CrashHandler&& other) noexcept;
  CrashHandler& operator=(CrashHandler&&) = delete;
  ~CrashHandler();  // from here on the process may end as it likes

 private:
  CrashHandler() = default;
  bool owns_ = true;
};

// To be called as the process is about to end by _exit(): written down where the thread runs a plugin's code.
void noteExit();

// The host cannot serve any more, through nobody's crash: the record says why.
[[noreturn]] void endBroken(std::string_view why);

}  // namespace revenge::observe
