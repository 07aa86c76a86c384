#include "wiring/runs.hpp"

#include <new>
#include <utility>

namespace revenge::resilience {

struct Runs::Chunk {
  explicit Chunk(Runs& owner) : Chunk(owner, std::make_index_sequence<kChunk>()) {}
  template <std::size_t... kIndex>
  Chunk(Runs& owner, std::index_sequence<kIndex...>) : runs{(static_cast<void>(kIndex), Run(owner))...} {}
  std::array<Run, kChunk> runs;
};

// Rationale: a generation is begun at most once in 16 ns, so that those of a later life of the plugin, which begin with
// the clock, are new for 50 days.
Runs::Runs(Scheduler& scheduler)
    : scheduler_(scheduler),
      // Not 0: a token is never one of the other states of a run.
      first_generation_((static_cast<std::uint64_t>(scheduler.now().nanoseconds()) >> 4U) + 1) {
  if (!grow()) throw std::bad_alloc();
}

Runs::~Runs() {
  for (std::size_t i = 0; i < chunk_count_.load(std::memory_order_acquire); ++i) delete chunks_[i].load();
}

Run& Runs::at(std::uint32_t index) noexcept {
  return chunks_[index / kChunk].load(std::memory_order_acquire)->runs[index % kChunk];
}

std::size_t Runs::ownList() noexcept {
  return homeOf(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))) / (kHomes / kLists);
}

Run* Runs::pop(List& list) noexcept {
  std::uint64_t head = list.head.load(std::memory_order_acquire);
  for (;;) {
    const auto first = static_cast<std::uint32_t>(head);
    if (first == 0) return nullptr;
    Run& run = at(first - 1);
    // Of one that was taken meanwhile this is stale, and the count has changed.
    const std::uint64_t next = ((head >> 32U) + 1) << 32U | run.next_free_.load(std::memory_order_relaxed);
    if (list.head.compare_exchange_weak(head, next, std::memory_order_acquire, std::memory_order_acquire))
      return &run;
  }
}

void Runs::push(List& list, Run& run) noexcept {
  std::uint64_t head = list.head.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    run.next_free_.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
    next = ((head >> 32U) + 1) << 32U | (run.index_ + 1);
  } while (
      !list.head.compare_exchange_weak(head, next, std::memory_order_release, std::memory_order_relaxed));
}

Run* Runs::takeListed() noexcept {
  const std::size_t own = ownList();
  do {
    for (std::size_t i = 0; i < kLists; ++i)
      if (Run* const run = pop(lists_[(own + i) % kLists])) return run;
  } while (grow());
  return nullptr;
}

bool Runs::grow() noexcept {
  const std::lock_guard lock(growing_);
  const std::size_t count = chunk_count_.load(std::memory_order_relaxed);
  if (count == chunks_.size()) return false;
  auto* const chunk = new (std::nothrow) Chunk(*this);
  if (chunk == nullptr) return false;
  chunks_[count].store(chunk, std::memory_order_release);
  if (count == 0) homes_ = chunk->runs.data();
  for (std::size_t i = 0; i < kChunk; ++i) {
    Run& run = chunk->runs[i];
    run.index_ = static_cast<std::uint32_t>(count * kChunk + i);
    run.generation_ = first_generation_;
    put(run);
  }
  chunk_count_.store(count + 1, std::memory_order_release);
  return true;
}

Run* Runs::find(std::uint32_t index) noexcept {
  return index < chunk_count_.load(std::memory_order_acquire) * kChunk ? &at(index) : nullptr;
}

std::uint64_t Runs::beginWait(Run& run) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t wait = next_wait_++;
  waiting_.emplace(wait, &run);
  run.wait_ = wait;
  return wait;
}

void Runs::endWait(Run& run) noexcept {
  const std::lock_guard lock(mutex_);
  waiting_.erase(run.wait_);
  run.wait_ = 0;
  if (waiting_.empty()) idle_.notify_all();
}

void Runs::cancel(std::uint64_t wait) noexcept {
  Run* run = nullptr;
  {
    // While it is found here it is not freed, nor afterwards while this thread brings it on.
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(wait);
    if (found == waiting_.end() || !found->second->enter(Run::kStop)) return;
    run = found->second;
  }
  run->drain();
}

bool Runs::cut(Duration patience) noexcept {
  for (;;) {
    Run* run = nullptr;
    {
      std::unique_lock lock(mutex_);
      for (const auto& [wait, waiting] : waiting_) {
        if (!waiting->enter(Run::kCut)) continue;
        run = waiting;
        break;
      }
      if (run == nullptr) return idle_.wait_for(lock, patience, [&] { return waiting_.empty(); });
    }
    run->drain();
  }
}

std::size_t Runs::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace revenge::resilience
