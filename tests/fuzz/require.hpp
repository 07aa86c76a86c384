// What a fuzz target holds a parser to: a breach ends the process in every build, so that the fuzzer keeps the input.
// Thread safety: a pure function.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace revenge::fuzz {

inline void require(bool holds, const char* fact,
                    std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: not so: %s\n", where.file_name(), where.line(), fact);
  std::abort();
}

}  // namespace revenge::fuzz
