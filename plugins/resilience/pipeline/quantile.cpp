#include "pipeline/quantile.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace revenge::resilience {
namespace {

using std::chrono::nanoseconds;

// The histogram counts in units of 128 ns: its first octave (1 us) is as finely cut as the others.
constexpr int kUnitBits = 7;
constexpr int kStepBits = 3;

}  // namespace

std::optional<Problem> problem(const QuantileSettings& settings) {
  // Asked the other way round, NaN would pass.
  if (!(settings.quantile > 0 && settings.quantile < 1))
    return Problem{"quantile", fmt::format("{} is not between 0 and 1", settings.quantile)};
  if (settings.warm_up < 1) return Problem{"warm_up", "0 samples say nothing"};
  if (settings.age < 32) return Problem{"age", fmt::format("{} is below 32 samples", settings.age)};
  return {};
}

// Steps 0..7 are linear; from there each octave of units has 8.
std::size_t Quantile::stepOf(nanoseconds duration) noexcept {
  const std::uint64_t units =
      static_cast<std::uint64_t>(std::max<nanoseconds::rep>(duration.count(), 0)) >> kUnitBits;
  if (units < kStepsPerOctave) return units;
  const int octave = static_cast<int>(std::bit_width(units)) - 1 - kStepBits;
  const std::size_t within = (units >> octave) & (kStepsPerOctave - 1);
  return std::min<std::size_t>((static_cast<std::size_t>(octave) + 1) * kStepsPerOctave + within, kSteps - 1);
}

nanoseconds Quantile::upperEdge(std::size_t step) noexcept {
  if (step < kStepsPerOctave) return nanoseconds(static_cast<nanoseconds::rep>(step + 1) << kUnitBits);
  const std::size_t octave = step / kStepsPerOctave - 1;
  const std::size_t within = step % kStepsPerOctave;
  return nanoseconds(static_cast<nanoseconds::rep>(kStepsPerOctave + within + 1) << (octave + kUnitBits));
}

void Quantile::record(nanoseconds duration) noexcept {
  counts_[stepOf(duration)].fetch_add(1, std::memory_order_relaxed);
  if (seen_.load(std::memory_order_relaxed) < settings_.warm_up)
    seen_.fetch_add(1, std::memory_order_relaxed);
  if (until_halving_.fetch_sub(1, std::memory_order_relaxed) == 1) halve();
}

void Quantile::halve() noexcept {
  for (std::atomic<std::uint32_t>& count : counts_) {
    const std::uint32_t now = count.load(std::memory_order_relaxed);
    // Subtracted rather than stored: what is recorded meanwhile stays.
    if (now != 0) count.fetch_sub(now - now / 2, std::memory_order_relaxed);
  }
  // Those who recorded meanwhile have taken it below zero, round the end; it is set anew whatever it holds.
  until_halving_.store(settings_.age, std::memory_order_relaxed);
}

std::optional<nanoseconds> Quantile::estimate() const noexcept {
  if (seen_.load(std::memory_order_relaxed) < settings_.warm_up) return {};
  std::uint64_t total = 0;
  for (const std::atomic<std::uint32_t>& count : counts_) total += count.load(std::memory_order_relaxed);
  const double exact = std::ceil(settings_.quantile * static_cast<double>(total));
  const std::uint64_t rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(exact), 1);
  std::uint64_t below = 0;
  for (std::size_t step = 0; step < kSteps; ++step) {
    below += counts_[step].load(std::memory_order_relaxed);
    if (below >= rank) return upperEdge(step);
  }
  return upperEdge(kSteps - 1);
}

}  // namespace revenge::resilience
