#include "process/refusal.hpp"

#include <cerrno>
#include <string_view>

namespace revenge::process {

using base::Errc;

namespace {

Errc codeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Errc::kNotFound;
    case EACCES:
    case EPERM:
      return Errc::kRefused;
    case E2BIG:
    case ENOEXEC:
    case EINVAL:
      return Errc::kInvalid;
    case EAGAIN:
    case ENOMEM:
      return Errc::kUnavailable;
    default:
      return Errc::kIo;
  }
}

std::string_view pathOf(const Program& program) {
  for (const std::string& variable : program.environment)
    if (variable.starts_with("PATH=")) return variable;
  return "PATH";
}

std::string whatOf(const Program& program, Step step, int error) {
  const std::string& name = program.argv.front();
  switch (step) {
    case Step::kFork:
      return "a process could not be made";
    case Step::kSession:
      return "its session could not be made";
    case Step::kNiceness:
      return fmt::format("niceness {}", program.niceness);
    case Step::kIoPriority:
      return "its I/O priority";
    case Step::kOom:
      return fmt::format("oom_score_adj {}", program.oom_score_adj.value_or(0));
    case Step::kFolder:
      return fmt::format("working directory '{}'", program.folder);
    case Step::kStdio:
      return "its descriptors could not be placed";
    case Step::kLimits:
      return "a resource limit (one above the host's own cannot be set)";
    case Step::kExec:
      break;
  }
  if (error == ENOENT && !name.contains('/')) return fmt::format("not in {}", pathOf(program));
  if (error == ENOENT) return "the program, or the interpreter that it names";
  return "the program cannot be run";
}

bool hasNul(std::string_view text) { return text.contains('\0'); }

base::Result<> checkEnvironment(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment) {
    if (hasNul(variable))
      return base::fail(Errc::kInvalid, "environment: '{}' has a zero byte", variable.c_str());
    if (variable.starts_with('=') || !variable.contains('='))
      return base::fail(Errc::kInvalid, "environment: '{}' has no name", variable);
  }
  return {};
}

base::Result<> checkRange(std::string_view name, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return base::fail(Errc::kInvalid, "{} {}: expected {} to {}", name, value, least, most);
}

}  // namespace

base::Error describeRefusal(const Program& program, Step step, int error) {
  return {codeOf(error), fmt::format("{}: {}: {}", program.argv.front(), whatOf(program, step, error),
                                     base::errnoText(error))};
}

base::Result<> checkCommand(const Command& command) {
  const Program& program = command.program;
  if (program.argv.empty() || program.argv.front().empty())
    return base::fail(Errc::kInvalid, "argv: the program is missing");
  for (const std::string& argument : program.argv)
    if (hasNul(argument)) return base::fail(Errc::kInvalid, "argv: '{}' has a zero byte", argument.c_str());
  if (auto ok = checkEnvironment(program.environment); !ok) return ok;
  if (hasNul(program.folder) || (!program.folder.empty() && program.folder.front() != '/'))
    return base::fail(Errc::kInvalid, "working directory '{}': expected an absolute path",
                      program.folder.c_str());
  if (auto ok = checkRange("niceness", program.niceness, -40, 40); !ok) return ok;
  if (auto ok = checkRange("ioprio", program.io_priority ? program.io_priority->level : 0, 0, kIoIdle); !ok)
    return ok;
  if (auto ok = checkRange("oom_score_adj", program.oom_score_adj.value_or(0), -1000, 1000); !ok) return ok;
  if (command.input != InputForm::kWhole && !command.input_bytes.empty())
    return base::fail(Errc::kInvalid, "input: bytes are given only with a whole input");
  if (command.timeout < base::Duration::zero() || command.grace < base::Duration::zero())
    return base::fail(Errc::kInvalid, "timeout_ns and grace_ns must not be negative");
  return {};
}

}  // namespace revenge::process
