// What C++ has allocated in this process: the program's own operator new counts. Thread safety: each thread reads its own.
#pragma once

#include <cstdint>

namespace revenge::bench {

struct Allocated {
  std::uint64_t times = 0;
  std::int64_t bytes = 0;  // that are still held, as the allocator rounds them
};

// By the calling thread since it began.
Allocated allocated() noexcept;

}  // namespace revenge::bench
