#include "revengectl/run.hpp"

#include <algorithm>

#include "revengectl/command_line.hpp"
#include "revengectl/session.hpp"

namespace revenge::ctl {

Exit run(std::span<const std::string> arguments, const Surroundings& around) {
  const auto command = parseCommandLine(arguments);
  if (!command) {
    around.err(fmt::format("revengectl: {}; see revengectl --help\n", escaped(command.error().message)));
    if (std::ranges::find(arguments, "--json") != arguments.end())
      around.out(errorJson(Exit::kUsage, command.error().message) + "\n");
    return Exit::kUsage;
  }
  if (!command->help.empty()) {
    around.out(command->help);
    return Exit::kOk;
  }
  Session session(*command, around);
  return command->spec->run(session, *command);
}

}  // namespace revenge::ctl
