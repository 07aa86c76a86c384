// Instance records: who may enter, who is inside, and the proof that nobody is. 256 records, recycled and
// never freed, so that a late reader of a recycled one meets valid memory and a generation that is not its
// own. Thread safety: every function from any thread. Owned by the Domain.
//
// The end of an instance, in this order:
//   publish() a generation without it; close(kEnding); drain() calls and leases; withdraw its timers,
//   callbacks and completions (those run entered, with Pass::kLifecycle); close(kShut); destroy; drain()
//   once more; release().
// What does not drain is never released: its record is spent (the instance is retired).
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/refs.hpp"
#include "service/thread_cells.hpp"

namespace revenge::service {

enum class Door : std::uint8_t {
  kOpen,    // everybody
  kEnding,  // what is already under way may finish: completions, callbacks; no new work
  kShut,    // only the host's own lifecycle calls
};

enum class Pass : std::uint8_t {
  kNew,        // a timer, a job, a request, a spawned thread
  kUnderWay,   // a completion or callback of work that began before
  kLifecycle,  // stop, destroy and what is withdrawn before them; the lifecycle alone may use it
};

class Instances;

// One count inside an instance: its code and data stay as long as this lives. May be kept by a response, a
// job or a coroutine, and may end on another thread than it began on. Empty: the instance was gone. Must not
// outlive the domain.
class [[nodiscard]] Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept
      : instances_(std::exchange(other.instances_, nullptr)), ref_(other.ref_), lasting_(other.lasting_) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      end();
      instances_ = std::exchange(other.instances_, nullptr);
      ref_ = other.ref_;
      lasting_ = other.lasting_;
    }
    return *this;
  }
  ~Lease() { end(); }

  explicit operator bool() const { return instances_ != nullptr; }
  InstanceRef instance() const { return ref_; }
  // A second count; cannot fail, because the first keeps every proof of emptiness away. Requires: not empty.
  Lease another() const;
  void end();
  // It is no call in progress any more but may last for hours (a stream, a transaction, a deferred answer):
  // awaitCalls() does not wait for it, drain() does. Requires: not empty.
  void makeLasting();
  // The count goes on without this object and ends by Generations::leave(index): for what crosses the boundary.
  [[nodiscard]] std::uint32_t detach() {
    instances_ = nullptr;
    return ref_.index;
  }

 private:
  friend class Instances;
  Lease(Instances& instances, InstanceRef ref) : instances_(&instances), ref_(ref) {}

  Instances* instances_ = nullptr;
  InstanceRef ref_;
  bool lasting_ = false;
};

// Calls and leases that were inside when a drain ended; 0: proved empty.
struct Drained {
  std::uint64_t inside = 0;
  explicit operator bool() const { return inside == 0; }
};

class Instances {
 public:
  Instances(Machine machine, ThreadCells& cells);
  Instances(const Instances&) = delete;
  Instances& operator=(const Instances&) = delete;

  // A record with its door open. kLimit when all are live or retired.
  base::Result<InstanceRef> open();

  // Entry that does not come through a slot. An empty lease: the instance is gone, or its door is not open to
  // `pass`.
  Lease enter(InstanceRef ref, Pass pass = Pass::kNew) {
    const std::uint32_t index = ref.index & (kMaxInstances - 1);
    Record& record = records_[index];
    if (pass == Pass::kLifecycle) record.proved_empty.store(false, std::memory_order_relaxed);
    const bool entered = HostProtocol::enterDoor(machine_, record.door, doorOf(ref, Door::kOpen),
                                                 static_cast<std::uint64_t>(pass),
                                                 cells_.mine().instances[index], record.exit);
    return entered ? Lease(*this, ref) : Lease();
  }

  // Doors only move towards kShut; closing a gone instance does nothing. Whoever slips in while the door
  // moves is seen by the next drain().
  void close(InstanceRef ref, Door door);
  Door door(InstanceRef ref) const;  // kShut when gone

  // Waits, asleep, until nobody is inside or until `deadline` (CLOCK_MONOTONIC; one in the past only looks).
  // Must not be called from inside the instance.
  Drained drain(InstanceRef ref, base::Instant deadline);
  // The same for calls alone, not for lasting leases; zero tells of a moment, unless whoever might enter has been
  // turned away before.
  Drained awaitCalls(InstanceRef ref, base::Instant deadline);
  std::uint64_t insideApprox(InstanceRef ref);

  // Recycles the record. Refused (kBusy) unless a drain() behind the shut door has found it empty since the last
  // lifecycle call; kGone when it was released. Use Domain::release(), which looks at the slots too.
  base::Result<> release(InstanceRef ref);
  std::uint32_t inUse() const;

 private:
  friend class Generations;
  friend class Lease;

  struct alignas(64) Record {
    Machine::Word<std::uint64_t> door{0};  // generation << 2 | Door
    HostProtocol::Exit exit;
    // By a drain behind the shut door, since the last lifecycle call. Kept, because summing again could meet a late
    // entrant that has counted itself and is about to read the door and step back.
    Machine::Word<bool> proved_empty{false};
    // Lasting leases. Both only grow; `ended` before the lease's own `left`, so that who sees the leave sees the end.
    Machine::Word<std::uint64_t> lasting_begun{0};
    Machine::Word<std::uint64_t> lasting_ended{0};
  };

  static std::uint64_t doorOf(InstanceRef ref, Door door) {
    return std::uint64_t{ref.generation} << 2 | static_cast<std::uint64_t>(door);
  }
  bool live(InstanceRef ref) const;
  void arrive(std::uint32_t index) { cells_.mine().instances[index].arrive(); }
  void leave(std::uint32_t index) {
    if (!cells_.isMineKnown()) [[unlikely]]
      return leaveAsStranger(index);
    HostProtocol::leave(machine_, cells_.knownMine().instances[index], records_[index].exit);
  }
  [[gnu::noinline, gnu::cold]] void leaveAsStranger(std::uint32_t index);

  const Machine machine_;
  ThreadCells& cells_;
  std::array<Record, kMaxInstances> records_;

  mutable std::mutex mutex_;  // opening, closing, releasing
  std::vector<std::uint32_t> free_;
};

inline Lease Lease::another() const {
  instances_->arrive(ref_.index);
  return {*instances_, ref_};
}

inline void Lease::makeLasting() {
  if (std::exchange(lasting_, true)) return;
  instances_->records_[ref_.index].lasting_begun.fetch_add(1, std::memory_order_seq_cst);
}

inline void Lease::end() {
  if (instances_ == nullptr) return;
  if (std::exchange(lasting_, false))
    instances_->records_[ref_.index].lasting_ended.fetch_add(1, std::memory_order_seq_cst);
  std::exchange(instances_, nullptr)->leave(ref_.index);
}

}  // namespace revenge::service
