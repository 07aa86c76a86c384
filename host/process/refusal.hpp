// Why a program could not be started, for a person. Thread safety: stateless.
#pragma once

#include "base/result.hpp"
#include "process/command.hpp"
#include "process/wire.hpp"

namespace revenge::process {

base::Error describeRefusal(const Program& program, Step step, int error);

// What can be told before anything is started: kInvalid names the field.
base::Result<> checkCommand(const Command& command);

}  // namespace revenge::process
