#include "observe/log_queues.hpp"

#include <algorithm>
#include <atomic>

namespace revenge::observe {

namespace {

std::uint64_t nextId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::size_t roomFor(std::size_t bytes) { return std::max(bytes, 2 * kMaxPackedBytes + 64); }

}  // namespace

// The queues that this thread holds; given back when the thread ends.
struct LogQueues::Visits {
  struct Visit {
    std::weak_ptr<LogQueues> queues;
    std::uint64_t id;
    Queue* queue;
  };

  ~Visits() {
    mine = {0, nullptr, true};
    for (const Visit& visit : visits) {
      if (const auto queues = visit.queues.lock()) visit.queue->ended.store(true, std::memory_order_release);
    }
  }

  Queue& in(LogQueues& queues) {
    for (const Visit& visit : visits) {
      if (visit.id == queues.id_) return *visit.queue;
    }
    std::erase_if(visits, [](const Visit& visit) { return visit.queues.expired(); });
    visits.push_back({queues.weak_from_this(), queues.id_, &queues.takeQueue()});
    return *visits.back().queue;
  }

  std::vector<Visit> visits;
};

LogQueues::LogQueues(std::size_t bytes_a_thread)
    : id_(nextId()), bytes_(roomFor(bytes_a_thread)), late_(roomFor(0)) {}

LogQueues::Pushed LogQueues::push(const LogRecord& record) noexcept {
  if (mine.queues == id_) [[likely]]
    return pushInto(*mine.queue, record);
  return pushFirst(record);
}

LogQueues::Pushed LogQueues::pushInto(Queue& queue, const LogRecord& record) noexcept {
  const LogPacking packing(record);
  std::byte* const room = queue.ring.reserve(packing.bytes());
  if (room == nullptr) {
    queue.lost.store(queue.lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return Pushed::kLost;
  }
  packing.write(room);
  queue.ring.commit();
  queue.quiet_bytes += packing.bytes();
  if (queue.quiet_bytes < queue.ring.capacity() / 4) return Pushed::kQuietly;
  queue.quiet_bytes = 0;
  return Pushed::kPressing;
}

LogQueues::Pushed LogQueues::pushFirst(const LogRecord& record) {
  if (mine.ended) {
    const std::lock_guard lock(mutex_);
    return pushInto(late_, record);
  }
  thread_local Visits visits;
  Queue& queue = visits.in(*this);
  mine = {id_, &queue, false};
  return pushInto(queue, record);
}

LogQueues::Queue& LogQueues::takeQueue() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    all_.push_back(std::make_unique<Queue>(bytes_));
    return *all_.back();
  }
  Queue& queue = *free_.back();
  free_.pop_back();
  return queue;
}

void LogQueues::gather() {
  {
    const std::lock_guard lock(mutex_);
    seen_.clear();
    seen_.push_back(&late_);
    for (const auto& queue : all_) seen_.push_back(queue.get());
  }
  reading_.clear();
  for (Queue* queue : seen_) {
    queue->last = queue->ended.load(std::memory_order_acquire);
    queue->left = queue->ring.capacity();
    std::byte* const block = queue->ring.next();
    if (block == nullptr) continue;
    queue->record = unpackLogRecord(block);
    reading_.push_back(queue);
  }
}

LogQueues::Queue* LogQueues::oldest() {
  if (reading_.empty()) return nullptr;
  return *std::ranges::min_element(reading_, {}, [](const Queue* queue) { return queue->record.time; });
}

void LogQueues::advance(Queue& queue) {
  const std::size_t taken = queue.ring.pop();
  queue.left -= std::min(queue.left, taken);
  std::byte* const block = queue.left > 0 ? queue.ring.next() : nullptr;
  if (block != nullptr)
    queue.record = unpackLogRecord(block);
  else
    std::erase(reading_, &queue);
}

// What was seen to have ended before the last look into it is empty for good.
void LogQueues::recycle() {
  const std::lock_guard lock(mutex_);
  for (Queue* queue : seen_) {
    if (!queue->last || !queue->ring.empty()) continue;
    queue->last = false;
    queue->ended.store(false, std::memory_order_relaxed);
    free_.push_back(queue);
  }
}

bool LogQueues::empty() const {
  const std::lock_guard lock(mutex_);
  return late_.ring.empty() &&
         std::ranges::all_of(all_, [](const auto& queue) { return queue->ring.empty(); });
}

std::uint64_t LogQueues::lost() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = late_.lost.load(std::memory_order_relaxed);
  for (const auto& queue : all_) sum += queue->lost.load(std::memory_order_relaxed);
  return sum;
}

std::size_t LogQueues::queues() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

}  // namespace revenge::observe
