// Flags of a test from the text of a file.
#pragma once

#include <string>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "flags/read.hpp"

namespace revenge::flags {

// The text below `flags:`, with `segments` before it.
inline std::string fileOf(std::string_view flags, std::string_view segments = "") {
  return fmt::format("bucketing: 1\n{}flags:\n{}", segments, flags);
}

inline Definitions defined(const std::string& file) {
  auto read = readDefinitions(file, "flags.yaml");
  if (read) return std::move(*read);
  ADD_FAILURE() << fmt::format("{}", fmt::join(read.error(), "\n"));
  return {};
}

}  // namespace revenge::flags
