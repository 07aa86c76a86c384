#include "ext/process_command.hpp"

#include <utility>

#include "ext/boundary.hpp"

namespace revenge::ext {

using base::Errc;

static_assert(std::to_underlying(process::How::kOutputLimit) == REVENGE_PROCESS_OUTPUT_LIMIT);
static_assert(std::to_underlying(process::Beyond::kKeepTail) == REVENGE_PROCESS_BEYOND_KEEP_TAIL);
static_assert(std::to_underlying(process::OutputForm::kStream) == REVENGE_PROCESS_OUTPUT_STREAM);
static_assert(std::to_underlying(process::InputForm::kStream) == REVENGE_PROCESS_INPUT_STREAM);

namespace {

base::Result<> check(const revenge_process_command& command) {
  if (command.argument_count == 0 || command.arguments == nullptr)
    return base::fail(Errc::kInvalid, "arguments: the program is missing");
  if (command.environment_count > 0 && command.environment == nullptr)
    return base::fail(Errc::kInvalid, "environment is NULL");
  if (command.until > REVENGE_PROCESS_UNTIL_STARTED)
    return base::fail(Errc::kInvalid, "until {}: unknown", command.until);
  if (command.input > REVENGE_PROCESS_INPUT_STREAM)
    return base::fail(Errc::kInvalid, "input {}: unknown", command.input);
  if (command.out > REVENGE_PROCESS_OUTPUT_STREAM || command.err > REVENGE_PROCESS_OUTPUT_STREAM)
    return base::fail(Errc::kInvalid, "out {} and err {}: expected REVENGE_PROCESS_OUTPUT_...", command.out,
                      command.err);
  if (command.out_beyond > REVENGE_PROCESS_BEYOND_KEEP_TAIL ||
      command.err_beyond > REVENGE_PROCESS_BEYOND_KEEP_TAIL)
    return base::fail(Errc::kInvalid, "out_beyond {} and err_beyond {}: expected REVENGE_PROCESS_BEYOND_...",
                      command.out_beyond, command.err_beyond);
  if (command.io_priority > REVENGE_PROCESS_IO_IDLE)
    return base::fail(Errc::kInvalid, "io_priority {}: unknown", command.io_priority);
  return {};
}

std::optional<std::uint64_t> given(std::uint64_t value) {
  return value == 0 ? std::nullopt : std::optional(value);
}

process::OutputWish wish(std::uint32_t form, std::uint32_t beyond, std::uint64_t most) {
  return {static_cast<process::OutputForm>(form), static_cast<process::Beyond>(beyond), most};
}

process::Program programOf(const revenge_process_command& command) {
  constexpr int kLowest = 7;
  process::Program program;
  program.argv.reserve(command.argument_count);
  for (std::size_t i = 0; i < command.argument_count; ++i)
    program.argv.push_back(string(command.arguments[i]));
  for (std::size_t i = 0; i < command.environment_count; ++i) {
    const revenge_field& field = command.environment[i];
    program.environment.push_back(string(field.name) + "=" + string(field.value));
  }
  program.folder = string(command.folder);
  program.niceness = command.niceness;
  if (command.io_priority != REVENGE_PROCESS_IO_AS_HOST)
    program.io_priority =
        process::IoPriority{command.io_priority == REVENGE_PROCESS_IO_LOW ? kLowest : process::kIoIdle};
  if (command.oom_score_adj != 0) program.oom_score_adj = command.oom_score_adj;
  program.limits = {given(command.max_cpu_seconds), given(command.max_address_bytes),
                    given(command.max_file_bytes), given(command.max_open_files)};
  return program;
}

}  // namespace

base::Result<process::Command> commandOf(const revenge_call* call, const revenge_process_command& command) {
  if (auto ok = check(command); !ok) return std::unexpected(std::move(ok.error()));
  process::Command asked;
  asked.program = programOf(command);
  asked.input = static_cast<process::InputForm>(command.input);
  asked.input_bytes.assign(command.input_bytes.data == nullptr ? "" : command.input_bytes.data,
                           command.input_bytes.size);
  asked.out = wish(command.out, command.out_beyond, command.max_out_bytes);
  asked.err = wish(command.err, command.err_beyond, command.max_err_bytes);
  asked.timeout = base::Duration(command.timeout_ns);
  asked.grace = base::Duration(command.grace_ns);
  if (call != nullptr && call->deadline_ns > 0)
    asked.deadline = base::Instant(base::Duration(call->deadline_ns));
  return asked;
}

void show(const process::Outcome& outcome, revenge_process_result& result) {
  result.how = std::to_underlying(outcome.how);
  result.exit_code = outcome.exit_code;
  result.signal = outcome.signal;
  result.user_ns = outcome.user.count();
  result.system_ns = outcome.system.count();
  result.wall_ns = outcome.wall.count();
  result.max_rss_bytes = outcome.max_rss_bytes;
  result.out = view(outcome.out);
  result.err = view(outcome.err);
  result.out_cut = outcome.out_cut;
  result.err_cut = outcome.err_cut;
}

}  // namespace revenge::ext
