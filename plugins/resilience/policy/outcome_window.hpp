// OutcomeWindow: how many of the recent calls failed or were slow; "recent" is the last M calls, or a length of time in ten
// slices. Each outcome is counted once. Recording over time is lock-free except for the first call of a slice; a thread held up
// between reading the clock and recording counts into the slice that is current by then. Thread safety: all functions, any
// thread. Source of the sliced window: resilience4j's sliding time window; exactness: sums of integers, never a stored rate.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "moment.hpp"

namespace revenge::resilience {

struct OutcomeCounts {
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::int64_t slow = 0;

  bool operator==(const OutcomeCounts&) const = default;
};

enum class WindowKind : std::uint8_t {
  kConsecutive,  // no window: a run of failures, which a success ends
  kCount,
  kTime,
};

struct WindowGeometry {
  WindowKind kind = WindowKind::kConsecutive;
  std::int64_t calls = 0;  // of kCount
  Duration length{};       // of kTime

  bool operator==(const WindowGeometry&) const = default;
};

// What a window holds, for the version that comes next. Words are of no meaning elsewhere.
struct WindowImage {
  WindowGeometry geometry;
  std::vector<std::int64_t> words;
};

class OutcomeWindow {
 public:
  OutcomeWindow(const WindowGeometry& geometry, Moment now) { reshape(geometry, now); }

  // What the window holds afterwards.
  OutcomeCounts record(bool failed, bool slow, Moment now) noexcept;
  // Without what has left the window by now, whether or not anything was recorded since.
  OutcomeCounts counts(Moment now) noexcept;
  void reset() noexcept;
  // Keeps the counts when the geometry is the same, else begins anew. Allocates for kCount.
  void reshape(const WindowGeometry& geometry, Moment now);
  WindowGeometry geometry() const;

  WindowImage image(Moment now);
  // Does nothing when the image is of another geometry.
  void restore(const WindowImage& image, Moment now) noexcept;

 private:
  static constexpr std::size_t kSlices = 10;
  static constexpr std::size_t kFields = 3;  // of OutcomeCounts, in their order

  using Counters = std::array<std::atomic<std::int64_t>, kFields>;
  struct alignas(32) Slice {
    Counters counts{};
  };

  void advance(Moment now) noexcept;
  void advanceLocked(std::int64_t slice) noexcept;
  void clearLocked(Slice& slice) noexcept;
  void clearAllLocked() noexcept;
  OutcomeCounts totals() const noexcept;
  OutcomeCounts recordInRing(bool failed, bool slow) noexcept;
  std::int64_t sliceOf(Moment now) const noexcept;

  std::atomic<WindowKind> kind_{WindowKind::kConsecutive};
  std::atomic<std::int64_t> slice_length_{1};  // ns
  std::atomic<std::int64_t> current_{0};       // number of the current slice since the clock's origin
  // The sum over the slices, or over the ring. Signed: while a slice leaves, an addition may still be on its way here. On a
  // line of its own, so that what each call reads above stays in every core's cache.
  alignas(64) Counters totals_{};
  std::array<Slice, kSlices> slices_{};

  mutable std::mutex mutex_;  // turning over slices, the ring, the geometry
  WindowGeometry geometry_;
  std::vector<std::uint8_t> ring_;  // bit 0 failed, bit 1 slow
  std::size_t ring_next_ = 0;
  std::size_t ring_used_ = 0;
};

}  // namespace revenge::resilience
