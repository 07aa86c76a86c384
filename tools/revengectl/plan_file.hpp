// The file of a plan, as it is sent to the host: folders made absolute, nothing else judged here. Thread safety: confined
// to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace revenge::ctl {

// The text of any file, of at most 1 MiB and a byte; "-" is standard input.
base::Result<std::string> readText(const std::string& file);

// JSON of the plan in `file`: JSON where the name ends in .json, else YAML; "-" is standard input. Relative folders are
// those below the file's own folder; `generation` takes the place of the one in the file. Errors name file and line.
base::Result<std::string> readPlan(const std::string& file, std::optional<std::uint64_t> generation);

}  // namespace revenge::ctl
