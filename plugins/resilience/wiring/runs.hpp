// Runs: all calls under way, by their tokens. A token is an index and a generation: one that was settled, or is of an
// earlier life of this plugin, finds nothing. The first runs are homes: a thread begins its call in its own where that is free,
// so that calls one after the other allocate nothing, meet nobody and find their memory in the cache. The other free runs lie in
// a few lists. Thread safety: all functions, any thread.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "wiring/run.hpp"

namespace revenge::resilience {

class Runs {
 public:
  // The scheduler outlives it. May throw std::bad_alloc.
  explicit Runs(Scheduler& scheduler);
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;
  // Requires: nobody waits (cut()).
  ~Runs();

  // Null: kMost are under way, or there is no memory.
  Run* take() noexcept {
    Run& home = homes_[homeOf(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)))];
    return home.occupy() ? &home : takeListed();
  }
  // Null: there is no such token, or it is another's.
  Run* claim(std::uint64_t token, std::uint64_t caller) noexcept {
    const auto index = static_cast<std::uint32_t>(token & (kMost - 1));
    Run* const run = index < kHomes ? homes_ + index : find(index);
    return run != nullptr && token >> kIndexBits != 0 && run->claim(token, caller) ? run : nullptr;
  }

  // Ends what waits, as cut. False: some were still on their way after `patience`.
  bool cut(Duration patience) noexcept;
  // Of a run whose begin() or settle() says that it waits: the number by which cancel() finds it from now on. May throw
  // std::bad_alloc.
  std::uint64_t beginWait(Run& run);
  void endWait(Run& run) noexcept;
  // Nobody wants it any more: ends that wait, if it still lasts.
  void cancel(std::uint64_t wait) noexcept;
  std::size_t waiting() const;

  // Gives back the permits of those for which `lost(caller, granted_at)`; how many.
  template <class Lost>
  std::size_t abandon(Moment now, Lost lost) noexcept {
    std::size_t count = 0;
    forEachHeld([&](Run& run, std::uint64_t token) {
      const std::uint64_t caller = run.caller();
      if (!lost(caller, run.grantedAt()) || !run.claim(token, caller)) return;
      run.abandon(now);
      ++count;
    });
    return count;
  }
  // `visit(Run&, token)` for each that a caller holds. What it reads beyond caller and time may change beneath it unless
  // calls are held off.
  template <class Visit>
  void forEachHeld(Visit visit) {
    const std::size_t chunks = chunk_count_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < chunks * kChunk; ++i) {
      Run& run = at(static_cast<std::uint32_t>(i));
      if (const std::uint64_t token = run.token(); token != 0) visit(run, token);
    }
  }
  Scheduler& scheduler() const noexcept { return scheduler_; }

  static constexpr unsigned kIndexBits = 16;
  static constexpr std::size_t kMost = std::size_t{1} << kIndexBits;

 private:
  friend class Run;
  static constexpr std::size_t kChunk = 64;
  static constexpr std::size_t kHomes = kChunk;
  static constexpr std::size_t kLists = 4;
  struct Chunk;
  struct alignas(64) List {
    std::atomic<std::uint64_t> head = 0;  // a count that only grows, and the index + 1 of the first
  };

  // As Tally tells threads apart: by where their stacks lie.
  static constexpr std::size_t homeOf(std::uintptr_t stack) noexcept {
    constexpr std::uint64_t kTurn = 0x9E3779B97F4A7C15U;
    return (stack >> 16U) * kTurn >> 58U;
  }
  static_assert(kHomes == 64);

  Run* takeListed() noexcept;
  Run& at(std::uint32_t index) noexcept;
  // Null: there never was one of that number.
  Run* find(std::uint32_t index) noexcept;
  void put(Run& run) noexcept {
    if (run.index_ < kHomes)
      run.token_.store(Run::kFree, std::memory_order_release);
    else
      push(lists_[ownList()], run);
  }
  Run* pop(List& list) noexcept;
  void push(List& list, Run& run) noexcept;
  bool grow() noexcept;
  static std::size_t ownList() noexcept;

  Scheduler& scheduler_;
  const std::uint64_t first_generation_;
  Run* homes_ = nullptr;
  std::array<List, kLists> lists_;
  std::array<std::atomic<Chunk*>, kMost / kChunk> chunks_{};
  std::atomic<std::size_t> chunk_count_ = 0;
  std::mutex growing_;
  mutable std::mutex mutex_;  // below
  std::condition_variable idle_;
  std::unordered_map<std::uint64_t, Run*> waiting_;
  std::uint64_t next_wait_ = 1;
};

inline std::uint64_t Run::publish(Moment now) noexcept {
  const std::uint64_t token = ++generation_ << Runs::kIndexBits | index_;
  granted_at_.store(now.nanoseconds(), std::memory_order_relaxed);
  token_.store(token, std::memory_order_release);
  return token;
}

inline void Run::release() noexcept {
  passage_.reset();
  runs_.put(*this);
}

}  // namespace revenge::resilience
