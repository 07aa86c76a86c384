#include "service/memory.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ctime>

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace revenge::service {
namespace {

long membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

// The futex word is the atomic itself.
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
const std::uint32_t* address(const std::atomic<std::uint32_t>& word) {
  return reinterpret_cast<const std::uint32_t*>(&word);
}

timespec timeSpec(base::Instant instant) {
  constexpr base::Duration::rep kSecond = 1'000'000'000;
  const base::Duration::rep since = std::max<base::Duration::rep>(instant.time_since_epoch().count(), 0);
  return {.tv_sec = since / kSecond, .tv_nsec = since % kSecond};
}

}  // namespace

Fence Machine::probe() {
  const bool granted = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
                       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
  return granted ? Fence::kAsymmetric : Fence::kFull;
}

void Machine::heavyFence() const {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (fence_ == Fence::kFull) return;
  while (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
    // Out of memory for a moment. Anything else cannot follow a probe that succeeded, and nothing is safe
    // without it.
    if (errno != ENOMEM) std::abort();
  }
}

bool Machine::wait(const Word<std::uint32_t>& word, std::uint32_t seen, base::Instant deadline) const {
  const timespec until = timeSpec(deadline);
  const timespec* timeout = deadline == base::Instant::max() ? nullptr : &until;
  const long result = syscall(SYS_futex, address(word), FUTEX_WAIT_BITSET_PRIVATE, seen, timeout, nullptr,
                              FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

void Machine::wakeAll(const Word<std::uint32_t>& word) const {
  syscall(SYS_futex, address(word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace revenge::service
