// A host of this installation in a process of its own, whose only plugins are the package under check and its companions,
// on a free port and in folders that go with it. Thread safety: confined to one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "document/value.hpp"
#include "revenge-check/package.hpp"
#include "revengectl/client.hpp"

namespace revenge::check {

class LiveHost {
 public:
  // Beside this program, or in the folder bin of its prefix; empty: there is none.
  static std::filesystem::path program();

  // `options` as behind --set. `package` outlives it.
  LiveHost(const Package& package, const std::filesystem::path& program,
           const std::vector<std::string>& options);
  LiveHost(const LiveHost&) = delete;
  LiveHost& operator=(const LiveHost&) = delete;
  ~LiveHost();

  // What went wrong, where it does not come to serve anybody.
  std::optional<std::string> start();

  // As the operator asks it, and as a client.
  base::Result<ctl::Answer> operate(std::string_view method, std::string_view target) const;
  base::Result<ctl::Answer> get(std::string_view target) const;

  // The package as the host shows it; nothing: it does not answer.
  std::optional<document::Value> shown() const;
  // Its state once it is neither coming nor going any more, with the note of why: "failed", "...".
  struct State {
    std::string state;
    std::string note;
  };
  std::optional<State> settled() const;
  // What was swapped out or disabled is neither serving nor on its way out; false: not within the patience.
  bool isOver() const;

  // Of what it has asked the system for, touched or not, in bytes; 0: it has ended.
  std::uint64_t memory() const;

  // How it ended, where it was not asked to.
  std::optional<std::string> death();
  // Asks it to stop; how it ended, where that is not how a host ends.
  std::optional<std::string> stop();

  // What it wrote of the package as a warning or an error, each once; whole when it has ended.
  std::vector<std::string> complaints() const;

 private:
  std::filesystem::path place(const Package& package) const;
  std::vector<std::string> arguments() const;
  bool awaitEnd(base::Duration patience);
  base::Result<ctl::Answer> ask(const ctl::Place& place, std::string_view method, std::string_view target,
                                base::Duration patience) const;

  const Package& package_;
  const std::filesystem::path program_;
  const std::vector<std::string> options_;
  const std::filesystem::path root_;
  base::SystemClock clock_;
  ctl::Place control_;
  ctl::Place address_;
  pid_t id_ = 0;
  std::optional<int> status_;  // of waitpid
};

}  // namespace revenge::check
