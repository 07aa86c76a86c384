// How whoever waits for a child hears of it: once, on the child's loop, in a task of its own. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.hpp"

namespace revenge::process {

// What a wait ended with.
struct Came {
  std::string_view bytes = {};
  bool end = false;  // no more will come, or is taken
};
using Told = std::move_only_function<void(const base::Result<Came>&)>;

enum class Went : std::uint8_t { kDone, kPending, kEnd };

}  // namespace revenge::process
