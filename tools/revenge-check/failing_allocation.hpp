// Memory that runs out inside the plugin: malloc and its kin of this program stand before the C library's, for every
// library it loads. They count, and fail, on threads that are in code of the plugin, not in the host that it calls.
// Thread safety: where a thread is, is its own; failNth and counted are for the thread that drives.
#pragma once

#include <cstdint>

namespace revenge::check::allocation {

// Whether it works here: sanitizers have an allocator of their own.
bool available();

void enterPlugin();
void leavePlugin();
void enterHost();
void leaveHost();

// Counts from 0 again; the allocation of that number fails, 1 being the next, 0: none.
void failNth(std::uint64_t nth);
std::uint64_t counted();

}  // namespace revenge::check::allocation
