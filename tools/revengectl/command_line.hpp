// The command line of revengectl as a value, and the texts of --help. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace revenge::ctl {

enum class Verb {
  kList,
  kShow,
  kEnable,
  kDisable,
  kReload,
  kSwap,
  kRollback,
  kPlan,
  kApply,
  kWhy,
  kGraph,
  kEvents,
  kStatus,
  kStop,
  kVersion,
};
enum class Format { kPeople, kJson };
enum class Follow { kNo, kYes };
enum class Shape { kTree, kDot };

struct Command {
  Verb verb = Verb::kList;
  std::vector<std::string> arguments;  // as many as the verb takes
  std::optional<std::string> socket;
  Format format = Format::kPeople;
  base::Duration timeout = {};  // given, or the verb's default
  Follow follow = Follow::kNo;
  std::string from = "0";  // digits
  Shape shape = Shape::kTree;
  std::optional<std::uint64_t> generation;  // the change was decided on
  std::string help;                         // not empty: print this and do nothing else
};

// `arguments` without the program's name. Options stand anywhere until "--". Errors say what was expected.
base::Result<Command> parseCommandLine(std::span<const std::string> arguments);

}  // namespace revenge::ctl
