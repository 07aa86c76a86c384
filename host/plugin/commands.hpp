// What plugins offer to their operator, as the control plane asks for it. `ext` keeps the commands; a test has its own.
// Thread safety: every function from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/result.hpp"

namespace revenge::plugin {

enum class CommandEffect : std::uint8_t {
  kLooks,
  kChanges,
  kChangesOrTells,  // run dry, it says what it would change
};

struct CommandView {
  std::string name = {};
  std::string description = {};
  bool steers = false;  // only who may steer may run it
  CommandEffect effect = CommandEffect::kLooks;
  std::string schema = {};  // of its arguments, JSON
  base::Duration timeout = {};
};

struct CommandAsked {
  std::string plugin;
  std::string name;
  std::string json = {};  // an object; empty: no arguments
  bool dry = false;
  bool may_steer = false;  // whoever asks
  std::string request_id = {};
};

// Names a run that is under way; 0: it has ended, or never began.
using CommandRunning = std::uint64_t;
// The command's JSON. Errors: kUnavailable (no instance of the plugin serves), kNotFound, kInvalid (an argument), kDenied,
// kBusy, kTimedOut, kCancelled, and whatever the command says.
using CommandDone = std::function<void(base::Result<std::string> answer)>;

class Commands {
 public:
  virtual ~Commands() = default;

  // Those of the instance that serves, by name.
  virtual base::Result<std::vector<CommandView>> list(std::string_view plugin) const = 0;
  // `done` once: before this returns, on a thread of the run, or, past the timeout, on `late`.
  virtual CommandRunning run(CommandAsked asked, std::shared_ptr<base::Executor> late, CommandDone done) = 0;
  // Nobody waits for it any more, which the command sees when it looks.
  virtual void cancel(CommandRunning running) = 0;
};

}  // namespace revenge::plugin
