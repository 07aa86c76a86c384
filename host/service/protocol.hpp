// The swap-safe call: who is inside an instance, counted so that entering costs two plain stores, and so that
// "empty" is proved before memory is taken away. This is the whole algorithm, over a policy for memory:
// production gives it Machine, the model test gives it every interleaving of small cases with store buffers.
// Thread safety: any thread; what a function may not race with stands beside it.
//
// Counting. Every thread owns a Cell per counted thing. `entered` and `left` only grow, and only their own
// thread stores them: plain stores, `left` with release. Who is inside may leave through another thread's
// cell; only sums mean anything. A writer sums all `left` first and all `entered` afterwards. Equal sums then
// prove that there was a moment between the two passes when nobody was inside: a leave that was counted has
// its entry counted too, because entries are read later. With new entries cut off before, empty once is empty
// for good. The other order, or one signed counter, misses an entry whose leave it saw when a lease ends on
// another thread.
//
// Cutting off. An entrant counts itself first and then reads again the word that let it in (generation, or
// door); the writer stores that word first and sums afterwards. Either the entrant sees the new word and
// steps back, or the writer sees the entrant: the store-load order this needs is a compiler fence for the
// entrant and membarrier(2), which makes every running thread pass a full fence, for the writer.
//
// Waking. A leaver counts itself out and then reads `waiters`; the drain sets `waiters`, fences, and sums.
// Either the sum has the leave or the leaver sees the waiter, moves `epoch` and wakes it. The drain reads
// `epoch` before it sums.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace revenge::service {

// Tally of one thing by one thread. Only the owning thread calls arrive and depart.
template <typename Memory>
struct Cell {
  typename Memory::template Word<std::uint64_t> entered{0};
  typename Memory::template Word<std::uint64_t> left{0};

  void arrive() { entered.store(entered.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  void depart() { left.store(left.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  // How many are inside, over all threads; 0 is proof (see above), anything else is out of date when it
  // returns. `forEach(visit)` calls visit(const Cell&) for the cell of every thread; a thread new in the
  // second pass only makes the answer larger.
  template <typename ForEach>
  static std::uint64_t inside(ForEach forEach) {
    std::uint64_t out = 0;
    forEach([&](const Cell& cell) { out += cell.left.load(std::memory_order_acquire); });
    std::uint64_t in = 0;
    forEach([&](const Cell& cell) { in += cell.entered.load(std::memory_order_acquire); });
    return in - out;
  }
};

template <typename Memory, typename Tally = Cell<Memory>>
struct Protocol {
  template <typename T>
  using Word = typename Memory::template Word<T>;

  // Where a drain of one counted thing waits.
  struct Exit {
    // How many drains wait; and kLookTwice while readers use full fences, so that one test serves both.
    Word<std::uint32_t> waiters{0};
    Word<std::uint32_t> epoch{0};

    static constexpr std::uint32_t kLookTwice = std::uint32_t{1} << 31;
  };

  // What a slot leads to, in one generation. Every field is a word of its own because a block is refilled under
  // readers that are too late: they read a mixture, count themselves into some instance, see that the generation word
  // has moved and step back without having touched what they read.
  struct alignas(32) Binding {
    Word<const void*> table{nullptr};
    Word<void*> self{nullptr};
    Word<std::uint64_t> slot{0};  // the one reference that may pass; 0: leads nowhere
    Word<std::uint32_t> provider{0};

    void assign(std::uint64_t to_slot, const void* to_table, void* to_self, std::uint32_t to_provider) {
      table.store(to_table, std::memory_order_relaxed);
      self.store(to_self, std::memory_order_relaxed);
      slot.store(to_slot, std::memory_order_relaxed);
      provider.store(to_provider, std::memory_order_relaxed);
    }
  };
  using Bindings = std::array<Binding, 2>;  // in even and in odd generations, side by side

  struct Target {
    const void* table = nullptr;
    void* self = nullptr;
    std::uint32_t provider = 0;
  };

  static void leave(const Memory& memory, Tally& mine, Exit& exit) {
    mine.depart();
    memory.compilerFence();
    if (exit.waiters.load(std::memory_order_relaxed) != 0) [[unlikely]]
      lookAgain(memory, exit);
  }

  // Enters through a door that reads base (open) ... base + pass; false: it reads something else, nothing is
  // held.
  static bool enterDoor(const Memory& memory, const Word<std::uint64_t>& door, std::uint64_t base,
                        std::uint64_t pass, Tally& mine, Exit& exit) {
    if (door.load(std::memory_order_relaxed) - base > pass) return false;
    mine.arrive();
    memory.lightFence();
    if (door.load(std::memory_order_acquire) - base <= pass) [[likely]]
      return true;
    leave(memory, mine, exit);
    return false;
  }

  // Holds the block of the current generation and returns its sequence. Odd and even sequences use two blocks
  // in turn.
  static std::uint64_t enterGeneration(const Memory& memory, const Word<std::uint64_t>& current, Tally* mine,
                                       Exit* exits) {
    for (;;) {
      const std::uint64_t seen = current.load(std::memory_order_acquire);
      mine[seen & 1].arrive();
      memory.lightFence();
      if (current.load(std::memory_order_acquire) == seen) [[likely]]
        return seen;
      leave(memory, mine[seen & 1], exits[seen & 1]);
    }
  }

  enum class Attempt : std::uint8_t {
    kEntered,
    kRefused,  // nothing is held; the slot leads nowhere, or the generation moved
    kMoved,    // the generation moved: target.provider is held and has to be left
  };

  // Tries once to enter what the slot leads to in the generation `seen`, just loaded from `current`; only the
  // reference `slot` is let through. Small, without a call in it, so that it inlines to about a dozen instructions;
  // whatever it does not answer enterSlot() does.
  static Attempt tryEnter(const Memory& memory, const Word<std::uint64_t>& current, std::uint64_t seen,
                          const Bindings& bindings, std::uint64_t slot, Tally* mine, Target& target) {
    const Binding& binding = bindings[seen & 1];
    if (binding.slot.load(std::memory_order_relaxed) != slot) [[unlikely]]
      return Attempt::kRefused;
    target.table = binding.table.load(std::memory_order_relaxed);
    target.self = binding.self.load(std::memory_order_relaxed);
    target.provider = binding.provider.load(std::memory_order_relaxed);
    mine[target.provider].arrive();
    memory.lightFence();
    if (current.load(std::memory_order_acquire) == seen) [[likely]]
      return Attempt::kEntered;
    return Attempt::kMoved;
  }

  // The same until it is answered: false when the slot leads nowhere in a generation that was current throughout.
  // `exits(i)` and `mine[i]` belong to instance i.
  template <typename Exits>
  static bool enterSlot(const Memory& memory, const Word<std::uint64_t>& current, const Bindings& bindings,
                        std::uint64_t slot, Tally* mine, Exits exits, Target& target) {
    for (;;) {
      const std::uint64_t seen = current.load(std::memory_order_acquire);
      const Attempt attempt = tryEnter(memory, current, seen, bindings, slot, mine, target);
      if (attempt == Attempt::kEntered) return true;
      if (attempt == Attempt::kMoved) leave(memory, mine[target.provider], exits(target.provider));
      if (attempt == Attempt::kRefused && current.load(std::memory_order_acquire) == seen) return false;
    }
  }

  // Waits until nobody is inside; returns how many are at the deadline, 0 for proved empty. New entries must
  // have been cut off before (door or generation stored), else 0 tells only of a moment.
  template <typename ForEach>
  static std::uint64_t drain(const Memory& memory, ForEach forEach, Exit& exit, base::Instant deadline) {
    return await(memory, [&] { return Tally::inside(forEach); }, exit, deadline);
  }

  // The same with another measure of what is inside, taken anew whenever somebody has left.
  template <typename Measure>
  static std::uint64_t await(const Memory& memory, Measure measure, Exit& exit, base::Instant deadline) {
    exit.waiters.fetch_add(1, std::memory_order_seq_cst);
    memory.heavyFence();
    std::uint64_t inside = 0;
    for (bool in_time = true;;) {
      const std::uint32_t epoch = exit.epoch.load(std::memory_order_acquire);
      inside = measure();
      if (inside == 0 || !in_time) break;
      in_time = memory.wait(exit.epoch, epoch, deadline);
    }
    exit.waiters.fetch_sub(1, std::memory_order_relaxed);
    return inside;
  }

  // Makes `next` the current generation, whose block has been filled before. Returns when nobody reads the block of the
  // previous one any more: it may be refilled, and what only it led to may be closed, drained and destroyed.
  template <typename ForEach>
  static void publish(const Memory& memory, Word<std::uint64_t>& current, std::uint64_t next,
                      ForEach forEachReader, Exit& previous) {
    current.store(next, std::memory_order_seq_cst);
    drain(memory, forEachReader, previous, base::Instant::max());
  }

 private:
  [[gnu::noinline, gnu::cold]] static void lookAgain(const Memory& memory, Exit& exit) {
    memory.lightFence();
    if ((exit.waiters.load(std::memory_order_relaxed) & ~Exit::kLookTwice) == 0) return;
    exit.epoch.fetch_add(1, std::memory_order_seq_cst);
    memory.wakeAll(exit.epoch);
  }
};

}  // namespace revenge::service
