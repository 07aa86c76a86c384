// The frames of the calling thread's stack, for handlers of signals: no lock, no allocation. Thread safety: any thread.
#pragma once

#include <cstdint>

namespace revenge::observe {

// Called for each frame, innermost first, with an address inside the call it is at; false: enough.
using FrameVisitor = bool (*)(std::uintptr_t address, void* argument);

// [signal] With `from` the frames before that address are left out: they are the handler's own.
void walkStack(FrameVisitor visit, void* argument, std::uintptr_t from = 0);

// [signal] Where the thread was when the signal came; `context` as the handler was given it.
std::uintptr_t programCounter(const void* context);

// What a walk needs is loaded by the first one: before any handler is installed.
void prepareWalks();

}  // namespace revenge::observe
