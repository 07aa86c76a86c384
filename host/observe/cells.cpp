#include "observe/cells.hpp"

#include <algorithm>

namespace revenge::observe {

namespace {

std::uint64_t nextBankId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

// The blocks that this thread holds, one for each bank it has counted in; given back when the thread ends.
struct CellBank::Visits {
  struct Visit {
    std::weak_ptr<CellBank> bank;
    std::uint64_t id;
    Block* block;
  };

  ~Visits() {
    mine = {0, nullptr, true};
    for (const Visit& visit : visits) {
      if (const auto bank = visit.bank.lock()) bank->giveBack(*visit.block);
    }
  }

  Block& in(CellBank& bank) {
    for (const Visit& visit : visits) {
      if (visit.id == bank.id_) return *visit.block;
    }
    std::erase_if(visits, [](const Visit& visit) { return visit.bank.expired(); });
    visits.push_back({bank.weak_from_this(), bank.id_, &bank.takeBlock()});
    return *visits.back().block;
  }

  std::vector<Visit> visits;
};

CellBank::CellBank() : id_(nextBankId()) {}

std::optional<std::uint32_t> CellBank::allocate(std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (auto& free = released_[count]; !free.empty()) {
    const std::uint32_t first = free.back();
    free.pop_back();
    return first;
  }
  if (next_ % kChunkCells + count > kChunkCells) next_ = (next_ / kChunkCells + 1) * kChunkCells;
  if (next_ + count > kChunkCells * kChunks) return std::nullopt;
  const auto first = static_cast<std::uint32_t>(next_);
  next_ += count;
  return first;
}

void CellBank::release(std::uint32_t first, std::size_t count) {
  const std::lock_guard lock(mutex_);
  const auto clear = [&](Block& block) {
    Chunk* chunk = block.chunks[first / kChunkCells].load(std::memory_order_relaxed);
    if (chunk == nullptr) return;
    for (std::size_t i = 0; i < count; ++i)
      (*chunk)[first % kChunkCells + i].store(0, std::memory_order_relaxed);
  };
  for (const auto& block : blocks_) clear(*block);
  clear(late_);
  released_[count].push_back(first);
}

double CellBank::sum(std::uint32_t cell) const {
  const auto in = [&](const Block& block) {
    const Chunk* chunk = block.chunks[cell / kChunkCells].load(std::memory_order_acquire);
    return chunk == nullptr ? 0.0 : (*chunk)[cell % kChunkCells].load(std::memory_order_relaxed);
  };
  const std::lock_guard lock(mutex_);
  double total = in(late_);
  for (const auto& block : blocks_) total += in(*block);
  return total;
}

std::vector<double> CellBank::sums() const {
  const std::lock_guard lock(mutex_);
  std::vector<double> totals(next_, 0.0);
  const auto add = [&](const Block& block) {
    for (std::size_t from = 0; from < totals.size(); from += kChunkCells) {
      const Chunk* chunk = block.chunks[from / kChunkCells].load(std::memory_order_acquire);
      if (chunk == nullptr) continue;
      const std::size_t count = std::min(kChunkCells, totals.size() - from);
      for (std::size_t i = 0; i < count; ++i) totals[from + i] += (*chunk)[i].load(std::memory_order_relaxed);
    }
  };
  add(late_);
  for (const auto& block : blocks_) add(*block);
  return totals;
}

void CellBank::addFirst(std::uint32_t cell, double amount) {
  if (mine.ended) {
    const std::lock_guard lock(mutex_);
    addAlone(cellOf(late_, cell), amount);
    return;
  }
  thread_local Visits visits;
  Block& block = visits.in(*this);
  mine = {id_, &block, false};
  const std::lock_guard lock(mutex_);
  addAlone(cellOf(block, cell), amount);
}

CellBank::Cell& CellBank::cellOf(Block& block, std::uint32_t cell) {
  auto& slot = block.chunks[cell / kChunkCells];
  if (slot.load(std::memory_order_relaxed) == nullptr) {
    block.owned.push_back(std::make_unique<Chunk>());
    slot.store(block.owned.back().get(), std::memory_order_release);
  }
  return (*slot.load(std::memory_order_relaxed))[cell % kChunkCells];
}

CellBank::Block& CellBank::takeBlock() {
  const std::lock_guard lock(mutex_);
  if (free_blocks_.empty()) {
    blocks_.push_back(std::make_unique<Block>());
    return *blocks_.back();
  }
  Block& block = *free_blocks_.back();
  free_blocks_.pop_back();
  return block;
}

void CellBank::giveBack(Block& block) {
  const std::lock_guard lock(mutex_);
  free_blocks_.push_back(&block);
}

}  // namespace revenge::observe
