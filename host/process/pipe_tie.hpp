// What one pipe of a child needs of the child. Thread safety: as the functions of the child behind it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.hpp"
#include "process/told.hpp"
#include "runtime/reactor.hpp"

namespace revenge::process {

struct PipeTie {
  runtime::Reactor& reactor;
  std::size_t loop;
  std::function<std::shared_ptr<void>()> keep;         // the child, while a wait is under way
  std::function<void(Told, base::Result<Came>)> tell;  // in a task of its own
};

}  // namespace revenge::process
