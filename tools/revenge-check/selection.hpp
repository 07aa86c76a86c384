// The command line as a value, and which rows it chooses. Thread safety: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "revenge-check/row.hpp"

namespace revenge::check {

struct CommandLine {
  std::filesystem::path folder;
  std::vector<std::string> only;            // ids, or "life.*"; empty: all
  std::vector<std::filesystem::path> with;  // packages that live beside it
  std::optional<std::uint64_t> seed;
  std::chrono::nanoseconds timeout = std::chrono::seconds(60);  // of a row
  std::filesystem::path junit;                                  // empty: none
  bool json = false;
  bool list = false;
  bool help = false;
};

base::Result<CommandLine> parseCommandLine(std::span<const std::string> arguments);
std::string usage();

// In the order of rows(). `kept` are those to tell; rows that they need are run before them.
struct Selected {
  const Row* row;
  bool kept;
};
std::vector<Selected> select(std::span<const std::string> only);

}  // namespace revenge::check
