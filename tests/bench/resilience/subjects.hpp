// What is measured. Each subject reads the clock once a call (a pipeline of timers as often as it does), keeps its policies
// alive, and says for each call whether it ended as its name says. Thread safety: made by one thread, called by two.
#pragma once

#include <cstdint>
#include <vector>

#include "rounds.hpp"

namespace revenge::bench {

std::vector<Subject> policies();
std::vector<Subject> keyedLimiters();
std::vector<Subject> pipelines();
// Fallback, retry, breaker and bulkhead, run from data.
Calls pipelineOfFour();
// By one thread: each request gives back what it took before the next.
std::vector<Subject> requestLimits();

// Bytes that a keyed limiter holds with so many keys, itself included.
std::int64_t bytesOfKeys(std::uint32_t keys);

}  // namespace revenge::bench
