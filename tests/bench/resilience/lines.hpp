// The lines of JSON that the programs of this folder print, as tools/bench.d/figures.py reads them. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <string>

#include "rounds.hpp"

namespace revenge::bench {

enum class Threads { kOne, kTwo };

// Times the subject by so many threads, prints it, and answers the allocations of the measured calls.
std::uint64_t printTimed(const Subject& subject, Threads threads);
void printCount(const std::string& name, Threads threads, std::uint64_t count);
void printSize(const std::string& name, double mebibytes);

}  // namespace revenge::bench
