// Numbers that many threads add to and that are read rarely. Each thread has its own copy of every cell, so
// an addition is a load and a store that no other thread contends for; a read sums the copies. A thread that
// ends leaves its copies to the next one that starts, with what they hold, so memory follows the number of
// threads alive at once. Shared by the Metrics and by every handle made from it. Thread safety: everything
// may be called from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace revenge::observe {

class CellBank : public std::enable_shared_from_this<CellBank> {
 public:
  static constexpr std::size_t kChunkCells = 512;
  static constexpr std::size_t kChunks = 256;

  CellBank();
  CellBank(const CellBank&) = delete;
  CellBank& operator=(const CellBank&) = delete;

  // `count` cells in a row, all zero; nothing when the bank is full. Requires: count <= kChunkCells.
  std::optional<std::uint32_t> allocate(std::size_t count);
  // Requires: nobody adds to them any more.
  void release(std::uint32_t first, std::size_t count);

  void add(std::uint32_t cell, double amount) {
    if (mine.bank == id_) [[likely]] {
      if (Chunk* chunk = mine.block->chunks[cell / kChunkCells].load(std::memory_order_relaxed)) [[likely]] {
        addAlone((*chunk)[cell % kChunkCells], amount);
        return;
      }
    }
    addFirst(cell, amount);
  }

  // Never less than what a reader has seen before, while only positive amounts are added.
  double sum(std::uint32_t cell) const;
  // Of all cells that were ever allocated, by number: one pass over the threads' copies, for whoever reads them all.
  std::vector<double> sums() const;

 private:
  using Cell = std::atomic<double>;
  struct alignas(64) Chunk : std::array<Cell, kChunkCells> {};
  struct Block {  // of one thread at a time
    std::array<std::atomic<Chunk*>, kChunks> chunks{};
    std::vector<std::unique_ptr<Chunk>> owned;
  };
  struct Mine {  // trivial, so that reading it costs no initialisation check
    std::uint64_t bank;
    Block* block;
    bool ended;
  };
  struct Visits;
  static constinit inline thread_local Mine mine{};

  // Only the owner of a cell writes it.
  static void addAlone(Cell& cell, double amount) {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  void addFirst(std::uint32_t cell, double amount);
  Cell& cellOf(Block& block, std::uint32_t cell);  // REQUIRES mutex_
  Block& takeBlock();
  void giveBack(Block& block);

  const std::uint64_t id_;  // never used twice, so a cached block cannot be taken for one of a later bank
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> blocks_;  // guarded by mutex_
  std::vector<Block*> free_blocks_;             // guarded by mutex_
  Block late_;                                  // guarded by mutex_; of threads that are ending
  std::size_t next_ = 0;                        // guarded by mutex_
  std::map<std::size_t, std::vector<std::uint32_t>> released_;  // by count; guarded by mutex_
};

}  // namespace revenge::observe
