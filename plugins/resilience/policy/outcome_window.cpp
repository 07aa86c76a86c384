#include "outcome_window.hpp"

#include <algorithm>

namespace revenge::resilience {
namespace {

constexpr std::uint8_t kFailed = 1;
constexpr std::uint8_t kSlow = 2;
constexpr std::size_t kOutcomesInWord = 32;  // of an image: two bits each

}  // namespace

std::int64_t OutcomeWindow::sliceOf(Moment now) const noexcept {
  return std::max<std::int64_t>(0, now.nanoseconds() / slice_length_.load(std::memory_order_relaxed));
}

OutcomeCounts OutcomeWindow::totals() const noexcept {
  const auto read = [&](std::size_t field) {
    return std::max<std::int64_t>(0, totals_[field].load(std::memory_order_relaxed));
  };
  return {read(0), read(1), read(2)};
}

OutcomeCounts OutcomeWindow::record(bool failed, bool slow, Moment now) noexcept {
  if (kind_.load(std::memory_order_acquire) != WindowKind::kTime) return recordInRing(failed, slow);
  advance(now);
  const auto current = static_cast<std::size_t>(current_.load(std::memory_order_acquire));
  Slice& slice = slices_[current % kSlices];
  // The slice first: it is what the totals are corrected by when it leaves.
  slice.counts[0].fetch_add(1, std::memory_order_relaxed);
  if (failed) slice.counts[1].fetch_add(1, std::memory_order_relaxed);
  if (slow) slice.counts[2].fetch_add(1, std::memory_order_relaxed);
  totals_[0].fetch_add(1, std::memory_order_relaxed);
  if (failed) totals_[1].fetch_add(1, std::memory_order_relaxed);
  if (slow) totals_[2].fetch_add(1, std::memory_order_relaxed);
  return totals();
}

OutcomeCounts OutcomeWindow::recordInRing(bool failed, bool slow) noexcept {
  const std::lock_guard lock(mutex_);
  if (ring_.empty()) return {};
  std::uint8_t& place = ring_[ring_next_];
  const auto add = [&](std::size_t field, std::int64_t amount) {
    totals_[field].store(totals_[field].load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  };
  if (ring_used_ == ring_.size()) {
    if ((place & kFailed) != 0) add(1, -1);
    if ((place & kSlow) != 0) add(2, -1);
  } else {
    ++ring_used_;
    add(0, 1);
  }
  place = static_cast<std::uint8_t>((failed ? kFailed : 0) | (slow ? kSlow : 0));
  if (failed) add(1, 1);
  if (slow) add(2, 1);
  ring_next_ = ring_next_ + 1 == ring_.size() ? 0 : ring_next_ + 1;
  return totals();
}

OutcomeCounts OutcomeWindow::counts(Moment now) noexcept {
  if (kind_.load(std::memory_order_acquire) == WindowKind::kTime) advance(now);
  return totals();
}

void OutcomeWindow::advance(Moment now) noexcept {
  if (sliceOf(now) <= current_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  advanceLocked(sliceOf(now));
}

void OutcomeWindow::advanceLocked(std::int64_t slice) noexcept {
  const std::int64_t current = current_.load(std::memory_order_relaxed);
  if (slice <= current) return;
  const std::int64_t leaving = std::min<std::int64_t>(slice - current, kSlices);
  for (std::int64_t i = 0; i < leaving; ++i)
    clearLocked(slices_[static_cast<std::size_t>(slice - i) % kSlices]);
  current_.store(slice, std::memory_order_release);
}

void OutcomeWindow::clearLocked(Slice& slice) noexcept {
  for (std::size_t field = 0; field < kFields; ++field) {
    const std::int64_t gone = slice.counts[field].exchange(0, std::memory_order_relaxed);
    if (gone != 0) totals_[field].fetch_sub(gone, std::memory_order_relaxed);
  }
}

void OutcomeWindow::clearAllLocked() noexcept {
  // Over time the slices tell what to take off: an addition on its way to the totals keeps its counterpart here.
  for (Slice& slice : slices_) clearLocked(slice);
  if (geometry_.kind != WindowKind::kTime) {
    for (auto& total : totals_) total.store(0, std::memory_order_relaxed);
  }
  ring_next_ = 0;
  ring_used_ = 0;
}

void OutcomeWindow::reset() noexcept {
  const std::lock_guard lock(mutex_);
  clearAllLocked();
}

void OutcomeWindow::reshape(const WindowGeometry& geometry, Moment now) {
  const std::lock_guard lock(mutex_);
  if (geometry == geometry_) return;
  std::vector<std::uint8_t> ring(
      geometry.kind == WindowKind::kCount ? static_cast<std::size_t>(geometry.calls) : 0);
  clearAllLocked();
  ring_.swap(ring);
  geometry_ = geometry;
  if (geometry.kind == WindowKind::kTime) {
    constexpr auto kParts = static_cast<std::int64_t>(kSlices);
    slice_length_.store(std::max<std::int64_t>(1, geometry.length.count() / kParts),
                        std::memory_order_relaxed);
    current_.store(sliceOf(now), std::memory_order_release);
  }
  kind_.store(geometry.kind, std::memory_order_release);
}

WindowGeometry OutcomeWindow::geometry() const {
  const std::lock_guard lock(mutex_);
  return geometry_;
}

WindowImage OutcomeWindow::image(Moment now) {
  const std::lock_guard lock(mutex_);
  WindowImage image{geometry_, {}};
  if (geometry_.kind == WindowKind::kTime) {
    advanceLocked(sliceOf(now));
    image.words.push_back(current_.load(std::memory_order_relaxed));
    for (const Slice& slice : slices_) {
      for (const auto& count : slice.counts) image.words.push_back(count.load(std::memory_order_relaxed));
    }
  }
  if (geometry_.kind == WindowKind::kCount) {
    // Oldest first.
    image.words.push_back(static_cast<std::int64_t>(ring_used_));
    const std::size_t oldest = ring_used_ == ring_.size() ? ring_next_ : 0;
    for (std::size_t i = 0; i < ring_used_; ++i) {
      if (i % kOutcomesInWord == 0) image.words.push_back(0);
      const std::int64_t outcome = ring_[(oldest + i) % ring_.size()];
      image.words.back() |= outcome << (2 * (i % kOutcomesInWord));
    }
  }
  return image;
}

void OutcomeWindow::restore(const WindowImage& image, Moment now) noexcept {
  const WindowGeometry geometry = this->geometry();
  if (!(image.geometry == geometry) || image.words.empty()) return;
  reset();
  if (geometry.kind == WindowKind::kCount) {
    const auto used =
        static_cast<std::size_t>(std::clamp<std::int64_t>(image.words.front(), 0, geometry.calls));
    if (image.words.size() < 1 + (used + kOutcomesInWord - 1) / kOutcomesInWord) return;
    for (std::size_t i = 0; i < used; ++i) {
      const auto word = static_cast<std::uint64_t>(image.words[1 + i / kOutcomesInWord]);
      const std::uint64_t outcome = word >> (2 * (i % kOutcomesInWord));
      (void)recordInRing((outcome & kFailed) != 0, (outcome & kSlow) != 0);
    }
    return;
  }
  if (image.words.size() != 1 + kSlices * kFields || image.words.front() < 0) return;
  const std::lock_guard lock(mutex_);
  current_.store(image.words.front(), std::memory_order_relaxed);
  for (std::size_t i = 0; i < kSlices * kFields; ++i) {
    const std::int64_t count = std::max<std::int64_t>(0, image.words[1 + i]);
    slices_[i / kFields].counts[i % kFields].store(count, std::memory_order_relaxed);
    totals_[i % kFields].fetch_add(count, std::memory_order_relaxed);
  }
  advanceLocked(sliceOf(now));
}

}  // namespace revenge::resilience
