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
#include "revengectl/place.hpp"

namespace revenge::ctl {

enum class Format { kPeople, kJson };

struct Command {
  const Spec* spec = nullptr;          // none: `help` is to be printed
  std::vector<std::string> arguments;  // as many as the command takes
  std::optional<std::string> socket;
  Remote remote;
  Format format = Format::kPeople;
  base::Duration timeout = {};  // given, or the command's default
  bool timeout_given = false;
  std::map<std::string, std::string, std::less<>> options;  // of its own, checked; a switch has no value
  std::string help;                                         // not empty: print this and do nothing else

  bool has(std::string_view option) const { return options.contains(option); }
  std::string given(std::string_view option, std::string_view otherwise = "") const;
};

// `arguments` without the program's name. Options stand anywhere until "--". Errors say what was expected.
base::Result<Command> parseCommandLine(std::span<const std::string> arguments);

// Every command, in the order of --help.
std::vector<const Spec*> allCommands();
std::string usage(const Spec& spec);  // "swap ID PATH"
// `run`, where no command begins with this word: with a second one it is the id of a plugin, and that a command of it.
const Spec* commandOfPlugin(std::string_view word);

// An option that only some commands take. `what` is what a number counts; an option of other words has none.
struct Option {
  std::string_view name;
  bool valued = false;
  std::string_view what = {};
  std::string_view value = "N";   // what its value is called; FILE and PATH are names of files
  std::string_view summary = {};  // empty: the details of its command describe it
  bool repeats = false;           // its values are told apart by a line break
};
std::vector<Option> optionsOf(const Spec& spec);

// An option of every command.
struct CommonOption {
  std::string_view name;
  std::string_view value;  // what its value is called; empty: a switch
  std::string_view summary;
};
std::span<const CommonOption> commonOptions();

struct ExitText {
  Exit code;
  std::string_view meaning;
};
std::span<const ExitText> exitTexts();

}  // namespace revenge::ctl
