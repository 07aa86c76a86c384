// Runs rows, each in a process of its own with a deadline; what the plugin does to that process is a finding of the row.
// Thread safety: call it on the only thread of the process: it forks without exec.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "revenge-check/outcome.hpp"
#include "revenge-check/package.hpp"
#include "revenge-check/selection.hpp"

namespace revenge::check {

struct RunOptions {
  std::chrono::nanoseconds timeout;
  std::uint64_t seed;
  std::filesystem::path scratch;  // for temporary files of the rows
  std::size_t atOnce = 2;
};

// A row whose needs were not found clean is not run. Outcomes of the kept ones, in their order.
std::vector<Outcome> run(const Package& package, std::span<const Selected> selected,
                         const RunOptions& options);

}  // namespace revenge::check
