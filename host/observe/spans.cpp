#include "observe/spans.hpp"

#include <algorithm>
#include <cmath>

namespace revenge::observe {

namespace {

std::uint64_t nextId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

// The rings that this thread holds; given back when it ends.
struct Spans::Visits {
  struct Visit {
    std::weak_ptr<Spans> spans;
    std::uint64_t id;
    Ring* ring;
  };

  ~Visits() {
    current = {0, nullptr, true};
    for (const Visit& visit : visits) {
      if (const auto spans = visit.spans.lock()) spans->giveBack(*visit.ring);
    }
  }

  Ring& in(Spans& spans) {
    for (const Visit& visit : visits) {
      if (visit.id == spans.id_) return *visit.ring;
    }
    std::erase_if(visits, [](const Visit& visit) { return visit.spans.expired(); });
    visits.push_back({spans.weak_from_this(), spans.id_, &spans.takeRing()});
    return *visits.back().ring;
  }

  std::vector<Visit> visits;
};

Spans::Spans() : id_(nextId()) {}

void Spans::setRatio(double ratio) {
  const double kept = std::clamp(ratio, 0.0, 1.0);
  ratio_.store(kept, std::memory_order_relaxed);
  const double all = std::ldexp(1.0, 56);
  threshold_.store(static_cast<std::uint64_t>(std::llround((1.0 - kept) * all)), std::memory_order_relaxed);
}

std::uint64_t Spans::newId() {
  Ring* const ring = mine();
  if (ring != nullptr) return ring->ids.next();
  TraceIds ids;
  return ids.next();
}

void Spans::onHalfFull(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  half_full_ = std::move(call);
}

void Spans::wake() {
  if (woken_.exchange(true, std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  if (half_full_) half_full_();
}

void Spans::collect(const std::function<void(const SpanRecord&)>& take) {
  woken_.store(false, std::memory_order_relaxed);
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    count = rings_.size();
  }
  for (std::size_t i = 0; i < count; ++i) {
    Ring* ring = nullptr;
    {
      const std::lock_guard lock(mutex_);
      ring = rings_[i].get();
    }
    ring->drain(take);
  }
}

std::uint64_t Spans::lost() const {
  std::uint64_t total = lost_late_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  for (const auto& ring : rings_) total += ring->lost.load(std::memory_order_relaxed);
  return total;
}

void Spans::Ring::drain(const std::function<void(const SpanRecord&)>& take) {
  const std::size_t written = written_.load(std::memory_order_acquire);
  for (std::size_t at = read_.load(std::memory_order_relaxed); at != written; ++at) {
    take(records_[at % kRing]);
    read_.store(at + 1, std::memory_order_release);
  }
}

Spans::Ring* Spans::findRing() {
  if (current.ended) return nullptr;
  thread_local Visits visits;
  current = {id_, &visits.in(*this), false};
  return current.ring;
}

Spans::Ring& Spans::takeRing() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    rings_.push_back(std::make_unique<Ring>());
    return *rings_.back();
  }
  Ring& ring = *free_.back();
  free_.pop_back();
  return ring;
}

void Spans::giveBack(Ring& ring) {
  const std::lock_guard lock(mutex_);
  free_.push_back(&ring);
}

// Only its thread adds to a ring's count.
void Spans::lose(Ring* ring) {
  if (ring == nullptr) {
    lost_late_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  ring->lost.store(ring->lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace revenge::observe
