// The command line of revengectl as a value, and the texts of --help. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "revengectl/commands.hpp"

namespace revenge::ctl {

enum class Format { kPeople, kJson };

struct Command {
  const Spec* spec = nullptr;          // none: `help` is to be printed
  std::vector<std::string> arguments;  // as many as the command takes
  std::optional<std::string> socket;
  Format format = Format::kPeople;
  base::Duration timeout = {};                              // given, or the command's default
  std::map<std::string, std::string, std::less<>> options;  // of its own, checked; a switch has no value
  std::string help;                                         // not empty: print this and do nothing else

  bool has(std::string_view option) const { return options.contains(option); }
  std::string given(std::string_view option, std::string_view otherwise = "") const;
};

// `arguments` without the program's name. Options stand anywhere until "--". Errors say what was expected.
base::Result<Command> parseCommandLine(std::span<const std::string> arguments);

// Every command, in the order of --help.
std::vector<const Spec*> allCommands();

}  // namespace revenge::ctl
