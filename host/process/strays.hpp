// The living children of the calling process, as the kernel tells. Thread safety: for processes with one thread.
#pragma once

#include <functional>

#include <sys/types.h>

namespace revenge::process {

void forEachChild(const std::function<void(pid_t child)>& each);

// Kills every child and whatever falls to this process by that, until none is left.
void killAllChildren();

}  // namespace revenge::process
