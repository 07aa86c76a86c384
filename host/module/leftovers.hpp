// What a library left in the process that would run its code after unmapping. Thread safety: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace revenge::module {

// Whether the host made this thread. Called without a lock held; must not block.
using KnowsThread = std::function<bool(pid_t thread)>;

struct AddressRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool contains(std::uintptr_t address) const { return address >= begin && address < end; }
};

std::set<pid_t> threadsOfThisProcess();

// One line each: signal handlers, terminate and new handlers inside `image`; threads the host does not know
// that have an address of `image` on their stack, or, when they run and their stack cannot be read, that are
// not in `before`.
std::vector<std::string> findLeftovers(const AddressRange& image, const std::set<pid_t>& before,
                                       const KnowsThread& knows);

}  // namespace revenge::module
