// The counter blocks of threads, 4 KiB each. A block is owned here, outlives its thread and passes to the
// next thread with its values: never reset, never folded, so that what a thread left behind inside an
// instance stays counted. Thread safety: mine() for the calling thread, the rest from any thread. Owned by a
// Domain, and by every thread that still carries a block of it (so that the address a thread remembers is not
// taken by another domain).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "service/memory.hpp"
#include "service/protocol.hpp"
#include "service/refs.hpp"

namespace revenge::service {

using HostProtocol = Protocol<Machine>;
using HostCell = Cell<Machine>;

struct alignas(64) ThreadBlock {
  std::array<HostCell, kMaxInstances> instances;
  std::array<HostCell, 2> readers;  // of the even and of the odd generation block
};

class ThreadCells : public std::enable_shared_from_this<ThreadCells> {
 public:
  // The calling thread's block. The first call on a thread takes the lock; with several domains in use on one thread,
  // each change of domain takes a short walk. Inlines to a load and a compare off the thread pointer.
  ThreadBlock& mine() {
    if (isMineKnown()) [[likely]]
      return *last_.block;
    return attach();
  }
  // The halves of mine(), for who must not have a call in between. Requires for knownMine(): isMineKnown().
  bool isMineKnown() const { return last_.owner == this; }
  ThreadBlock& knownMine() const { return *last_.block; }

  // Calls visit(block) for every block there is. `visit` must not block.
  template <typename Visit>
  void forEach(Visit visit) {
    const std::scoped_lock lock(mutex_);
    for (const auto& block : blocks_) visit(*block);
  }

  std::size_t blocks();

 private:
  struct Last {
    const ThreadCells* owner;
    ThreadBlock* block;
  };
  class Attachments;

  [[gnu::noinline, gnu::cold]] ThreadBlock& attach();
  ThreadBlock* borrow();
  void giveBack(ThreadBlock* block);

  // Initial-exec: this lives in the executable, so that reaching it from a plugin's call costs no function
  // call.
  [[gnu::tls_model("initial-exec")]] static constinit thread_local Last last_;

  std::mutex mutex_;
  std::vector<std::unique_ptr<ThreadBlock>> blocks_;
  std::vector<ThreadBlock*> idle_;
};

}  // namespace revenge::service
