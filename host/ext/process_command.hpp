// What a plugin asks for, in the host's words. Thread safety: stateless.
#pragma once

#include <revenge/abi/process.h>

#include "base/result.hpp"
#include "process/command.hpp"

namespace revenge::ext {

// All but whose it is. Requires: command.size is right.
base::Result<process::Command> commandOf(const revenge_call* call, const revenge_process_command& command);

void show(const process::Outcome& outcome, revenge_process_result& result);

}  // namespace revenge::ext
