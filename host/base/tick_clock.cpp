#include "base/tick_clock.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace revenge::base {

namespace {

constexpr double kFar = 1e6;       // ns that are counted on; an error of the rate grows with it
constexpr double kBaseline = 5e5;  // ns between two questions from which a rate may be taken
constexpr std::uint64_t kUninterrupted = 100'000;  // ticks that asking the system takes at most

#if defined(__x86_64__)
std::uint64_t ticks() { return __rdtsc(); }

// Whether the counter goes on at one rate in all states of power (CPUID 80000007H, EDX bit 8).
bool hasSteadyTicks() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8U)) != 0;
}
#else
std::uint64_t ticks() { return 0; }
bool hasSteadyTicks() { return false; }
#endif

}  // namespace

TickClock::TickClock() : steady_(hasSteadyTicks()) {}

Moment TickClock::moment() const {
  if (!steady_) return {system_.now(), system_.wall()};
  const std::uint64_t counted = ticks();
  const std::uint32_t version = version_.load(std::memory_order_acquire);
  const std::uint64_t since = counted - ticks_.load(std::memory_order_relaxed);
  const Duration::rep now = now_.load(std::memory_order_relaxed);
  const Duration::rep wall = wall_.load(std::memory_order_relaxed);
  const double passed = static_cast<double>(since) * ns_per_tick_.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  const bool whole = (version & 1U) == 0 && version_.load(std::memory_order_relaxed) == version;
  // A counter that went back, as on another socket or after a move of the machine, is far ahead too.
  if (!whole || passed <= 0 || passed > kFar) return ask(counted);
  const auto ahead = static_cast<Duration::rep>(passed);
  return {Instant(Duration(now + ahead)), WallTime(Duration(wall + ahead))};
}

// The system's answer, kept for those who ask next: unless this thread was interrupted meanwhile, so that ticks and time
// do not belong together, or somebody else is keeping one.
Moment TickClock::ask(std::uint64_t counted) const {
  const Moment moment{system_.now(), system_.wall()};
  if (ticks() - counted > kUninterrupted) return moment;
  std::uint32_t version = version_.load(std::memory_order_relaxed);
  if ((version & 1U) != 0 ||
      !version_.compare_exchange_strong(version, version + 1, std::memory_order_acquire)) {
    return moment;
  }
  std::atomic_thread_fence(std::memory_order_release);
  const Duration::rep now = moment.now.time_since_epoch().count();
  const auto passed = static_cast<double>(now - now_.load(std::memory_order_relaxed));
  const auto since = static_cast<double>(counted - ticks_.load(std::memory_order_relaxed));
  const bool first = ticks_.load(std::memory_order_relaxed) == 0;
  if (first || passed > kBaseline) {
    if (!first) ns_per_tick_.store(passed / since, std::memory_order_relaxed);
    ticks_.store(counted, std::memory_order_relaxed);
    now_.store(now, std::memory_order_relaxed);
    wall_.store(moment.wall.time_since_epoch().count(), std::memory_order_relaxed);
  }
  version_.store(version + 2, std::memory_order_release);
  return moment;
}

}  // namespace revenge::base
