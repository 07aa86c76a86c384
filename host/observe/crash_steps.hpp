// Steps that may end the process without a word: written into memory that is a file before each, and taken out after it, so
// that what is still there when the next process looks was going on when this one ended, however it did. Costs no system call.
// app owns it. Thread safety: steps may begin and end on any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "observe/code_map.hpp"
#include "observe/crash_record.hpp"

namespace revenge::observe {

class CrashSteps {
 public:
  // Empties the file.
  static base::Result<CrashSteps> open(const std::filesystem::path& file);
  CrashSteps(CrashSteps&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
  CrashSteps& operator=(CrashSteps&&) = delete;
  ~CrashSteps();

  class [[nodiscard]] Step {
   public:
    Step() = default;  // notes nothing
    Step(Step&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
    Step& operator=(Step&&) = delete;
    ~Step();

   private:
    friend class CrashSteps;
    struct Slot;
    explicit Step(Slot* slot) : slot_(slot) {}
    Slot* slot_ = nullptr;  // null: there were none left
  };
  Step begin(const PluginBuild& plugin, std::string_view what);

  struct Left {
    BuildOfPlugin plugin;
    std::string what;
  };
  // What was going on when the process that wrote `file` ended; nothing where there is no such file.
  static std::vector<Left> left(const std::filesystem::path& file);

 private:
  struct Memory;
  explicit CrashSteps(Memory* memory) : memory_(memory) {}
  Memory* memory_;
};

}  // namespace revenge::observe
