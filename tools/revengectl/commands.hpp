// The commands of revengectl as data: one row each, gathered from the files that carry them out. A new command is a row and
// a function in the file of its subject. Thread safety: constants.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "revengectl/exit_code.hpp"

namespace revenge::ctl {

class Session;
struct Command;

enum class Listed { kYes, kNo };  // kNo: for scripts, not in --help

struct Spec {
  std::string_view name;  // one word, or a subject and a word: "config set"
  // Words, as --help shows them; those that may be left out, in brackets, come last. "bash|zsh" is one of those words,
  // "WORD..." any number of any words.
  std::string_view operands;
  std::chrono::seconds timeout;
  std::string_view options;  // that only some commands take: "--follow --from"
  std::string_view summary;
  std::string_view details;
  Exit (*run)(Session& session, const Command& command);
  Listed listed = Listed::kYes;
};

// The host gives an operation 120 s before it answers "timed out"; its answer is worth those seconds more.
inline constexpr std::chrono::seconds kQuestion{10};
inline constexpr std::chrono::seconds kOperation{130};

std::span<const Spec> pluginCommands();
std::span<const Spec> packageCommands();
std::span<const Spec> watchCommands();
std::span<const Spec> configCommands();
std::span<const Spec> flagsCommands();
std::span<const Spec> hostCommands();
std::span<const Spec> topCommands();
std::span<const Spec> healthCommands();
std::span<const Spec> doctorCommands();
std::span<const Spec> shellCommands();
std::span<const Spec> logCommands();
std::span<const Spec> runCommands();

}  // namespace revenge::ctl
