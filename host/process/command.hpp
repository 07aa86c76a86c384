// What a child is asked to be, and how it ended. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"

namespace revenge::process {

enum class InputForm : std::uint8_t { kNothing, kWhole, kStream };
enum class OutputForm : std::uint8_t { kDiscard, kCollect, kStream };
enum class Beyond : std::uint8_t { kKill, kKeepHead, kKeepTail };  // of a collected output that is too long

struct OutputWish {
  OutputForm form = OutputForm::kDiscard;
  Beyond beyond = Beyond::kKill;
  std::uint64_t max_bytes = 0;  // collected; 0: the options'
};

// Empty: as the host has it.
struct ResourceLimits {
  std::optional<std::uint64_t> cpu_seconds;
  std::optional<std::uint64_t> address_space_bytes;
  std::optional<std::uint64_t> file_bytes;
  std::optional<std::uint64_t> open_files;
};

struct IoPriority {
  int level = 0;  // of the class "best effort": 0 high to 7 low; 8: the class "idle"
};
inline constexpr int kIoIdle = 8;

// What the warden needs to know of a child.
struct Program {
  std::vector<std::string> argv;         // the first one is looked up in PATH when it has no slash
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string folder;                    // empty: /
  int niceness = 0;                      // beside the host's
  std::optional<IoPriority> io_priority;
  std::optional<int> oom_score_adj;
  ResourceLimits limits;
};

struct Command {
  // Given back when nothing of the caller's is used any more.
  std::shared_ptr<void> keeper = nullptr;
  std::string owner;  // plugin id
  Program program;    // its environment: beside PATH, LANG and TMPDIR
  InputForm input = InputForm::kNothing;
  std::string input_bytes;
  OutputWish out;
  OutputWish err;
  base::Duration timeout{};  // from Child::start() on, the wait for a place too; 0: none
  base::Instant deadline = base::Instant::max();
  base::Duration grace{};                           // between SIGTERM and SIGKILL; 0: the options'
  base::PluginMark mark = base::PluginMark::kHost;  // whose code runs when somebody is told
};

enum class How : std::uint8_t { kExited, kSignalled, kTimedOut, kCancelled, kOutputLimit };

struct Outcome {
  How how = How::kExited;
  int exit_code = 0;  // when it exited, also after it was asked to
  int signal = 0;     // that ended it; 0: it exited
  base::Duration user{};
  base::Duration system{};
  base::Duration wall{};
  std::uint64_t max_rss_bytes = 0;
  std::string out;  // collected
  std::string err;
  std::uint64_t out_cut = 0;  // bytes that came and are not in `out`
  std::uint64_t err_cut = 0;
};

}  // namespace revenge::process
