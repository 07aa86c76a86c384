// The warden: a small process beside the host that forks all others, so that neither a plugin nor the host ever does
// (docs/decisions/0015-a-warden-forks.md). It hears of children to start and to signal over one socket, and tells how they
// ended. When the socket closes it kills every one of them, and whatever they left behind, and ends.
//
// It is two processes. The outer one only waits: when the inner one is killed, what its children left behind falls to the
// outer one, which kills that. Thread safety: none; the processes have one thread.
#pragma once

namespace revenge::process {

// The body of the warden's process, whose other descriptors are closed and whose signals are blocked from here on.
// `socket`: SOCK_SEQPACKET. Returns the exit code when the other end of it has closed and no process is left.
int wardenMain(int socket);

}  // namespace revenge::process
