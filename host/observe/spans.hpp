// Where spans are begun and finished ones go: each thread that finishes one has a ring of records of its own, which the
// reader empties in batches. A full ring loses what comes then, counted. Nobody recording waits for anybody.
//
// Which requests are recorded: a trace that came in is gone on with as it was begun; one that begins here is sampled by
// the ratio, and only while somebody reads (`want`). app owns it, in a shared_ptr, because a thread that ends gives its
// ring back. Thread safety: everything from any thread; collect() by one at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "observe/span.hpp"
#include "observe/trace_context.hpp"

namespace revenge::observe {

class Spans : public std::enable_shared_from_this<Spans> {
 public:
  static constexpr std::size_t kRing = 512;  // records of a thread; half of them wake the reader

  Spans();
  Spans(const Spans&) = delete;
  Spans& operator=(const Spans&) = delete;

  // Live. 0 to 1; beyond is cut.
  void setRatio(double ratio);
  double ratio() const { return ratio_.load(std::memory_order_relaxed); }

  void want(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }
  // A trace with this id that begins here. OpenTelemetry's rule: of the 56 random bits, those from a threshold on.
  bool samplesRoot(std::uint64_t trace_id_low) const {
    return wanted() && (trace_id_low & kRandomBits) >= threshold_.load(std::memory_order_relaxed);
  }
  bool records(const TraceContext& context) const { return context.isSampled() && wanted(); }

  std::uint64_t newId();  // of a span; never 0

  // `fill(record)` writes a finished span into the ring of this thread, unless that is full; it must not record itself.
  template <typename Fill>
  void record(Fill&& fill) {
    Ring* const ring = mine();
    SpanRecord* const place = ring != nullptr ? ring->place() : nullptr;
    if (place == nullptr) return lose(ring);
    fill(*place);
    if (ring->commit()) wake();
  }

  // Called on a recording thread when a ring is half full, once until the next collect(); must not block.
  void onHalfFull(std::function<void()> call);

  // Hands over what the rings hold, and empties them.
  void collect(const std::function<void(const SpanRecord&)>& take);
  std::uint64_t lost() const;  // since the start

 private:
  static constexpr std::uint64_t kRandomBits = (std::uint64_t{1} << 56U) - 1;

  // One writer, its thread; one reader, who collects.
  class Ring {
   public:
    SpanRecord* place() {
      const std::size_t written = written_.load(std::memory_order_relaxed);
      return written - read_.load(std::memory_order_acquire) == kRing ? nullptr : &records_[written % kRing];
    }
    bool commit() {  // true: it became half full by this
      const std::size_t written = written_.load(std::memory_order_relaxed) + 1;
      written_.store(written, std::memory_order_release);
      return written - read_.load(std::memory_order_relaxed) == kRing / 2;
    }
    void drain(const std::function<void(const SpanRecord&)>& take);

    TraceIds ids;
    std::atomic<std::uint64_t> lost{0};

   private:
    std::unique_ptr<SpanRecord[]> records_ = std::make_unique_for_overwrite<SpanRecord[]>(kRing);
    alignas(64) std::atomic<std::size_t> written_{0};
    alignas(64) std::atomic<std::size_t> read_{0};
  };
  struct Visits;
  struct Mine {  // trivial, so that reading it costs no initialisation check
    std::uint64_t spans;
    Ring* ring;
    bool ended;
  };
  static constinit inline thread_local Mine current{};

  Ring* mine() { return current.spans == id_ ? current.ring : findRing(); }
  Ring* findRing();  // null: the thread is ending
  Ring& takeRing();
  void giveBack(Ring& ring);
  void lose(Ring* ring);
  void wake();

  const std::uint64_t id_;  // never used twice, so a cached ring cannot be taken for one of a later object
  std::atomic<bool> wanted_{false};
  std::atomic<double> ratio_{1};
  std::atomic<std::uint64_t> threshold_{0};
  std::atomic<std::uint64_t> lost_late_{0};
  std::atomic<bool> woken_{false};
  std::function<void()> half_full_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Ring>> rings_;  // guarded by mutex_
  std::vector<Ring*> free_;                   // guarded by mutex_
};

}  // namespace revenge::observe
