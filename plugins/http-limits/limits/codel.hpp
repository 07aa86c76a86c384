// Load shedding by the delay of the workers' queue: CoDel (RFC 8289) for requests instead of packets. Thread safe; while
// the queue is short, one load of an atomic.
//
// What is the RFC's: a queue is judged by the smallest delay over an interval, so that a burst is no overload and a queue that
// never empties below the target is one; the steps while it stays so come at interval / sqrt(count) (section 3.3); who
// falls back soon goes on with more than the first count (section 4.2).
// What differs, and why: a step does not drop one more packet, since that slows TCP but no open-loop client; at four times
// the capacity the count would have to reach thousands. A step widens who is shed: background, then browsing, then playback.
// At each level the widest class is shed exactly while the delay is over its bound, the classes below it unless a worker was
// free. So the queue stays near the target, the workers stay busy, and no class loses anything while those below it have a
// place in the queue. The last step, to playback, takes four intervals: it is the one that may not be wrong.
// Two things keep the levels from going too far. A delay tells of the time when its request came: none counts for the next
// step that came before the last one. And a queue that gets shorter is left to.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "limits/time.hpp"

namespace revenge::http_limits {

// In the order in which they are kept: what is furthest below is shed first.
enum class TrafficClass : std::uint8_t { kPlayback, kBrowsing, kBackground };
inline constexpr std::size_t kTrafficClasses = 3;
std::optional<TrafficClass> trafficClassOf(std::string_view name);
std::string_view nameOf(TrafficClass traffic);

struct CodelOptions {
  // The delay that a queue may keep. Over the time a request typically holds its worker, else a worker finds nothing young
  // enough behind it.
  Duration target = std::chrono::milliseconds(5);
  Duration interval = std::chrono::milliseconds(100);  // the time a burst has to drain
  // Playback is shed only over this delay: a player has seconds of film in hand.
  Duration playback_target = std::chrono::milliseconds(100);
  Duration retry_after = std::chrono::seconds(1);  // at least; background is told four times as long
};

class Codel {
 public:
  explicit Codel(const CodelOptions& options) : options_(options), calm_target_(options.target.count()) {}
  Codel(const Codel&) = delete;
  Codel& operator=(const Codel&) = delete;

  struct Verdict {
    bool admitted = true;
    Duration retry_after = Duration::zero();  // when shed
  };

  // Judges a request by the delay of the queue it has come through (asked on the worker), or has before it (asked when it
  // arrives: the age of the queue's head; a fifth of the target when nobody waits but all workers are busy; zero when one
  // is free), and counts that delay. The first knows more and keeps the queue shorter. `now` may lag behind another thread's
  // by a little.
  Verdict judge(TrafficClass traffic, Duration delay, Instant now);

  // A delay without a request to judge.
  void observe(Duration delay, Instant now);

  // 0: nobody is shed; 1: background; 2: browsing, too; 3: playback, too.
  int level() const { return level_.load(std::memory_order_relaxed); }

  // Goes on where another left off, at its level. Requires: nothing was judged yet.
  void resume(int level, Instant now);

  // With other bounds from now on; who is shed stays so until the next step.
  void use(const CodelOptions& options);

 private:
  // A stretch of delays over the target: judged when it is over, and then the next begins.
  struct Period {
    Instant begin;
    Instant end;
    Duration first_delay{};
    Duration least{};                        // of the delays seen in it
    std::optional<Duration> least_before{};  // of the period before, if that was over the target, too
    std::array<std::uint32_t, kTrafficClasses> seen{};
  };
  // An interval at a level: what it was needed for.
  struct Use {
    Instant end{};
    std::uint32_t delays = 0;
    std::uint32_t short_delays = 0;  // at or below the target
    std::uint32_t offered = 0;       // of the class whose turn it is
    std::uint32_t shed = 0;

    bool wasNeeded() const;
  };
  void note(Duration delay, Instant now);
  void noteAbove(Duration delay, Instant now);
  void begin(Duration delay, Instant now, std::optional<Duration> least_before);
  int levelAfter(const Period& period, Duration delay, Instant now) const;
  void relax(Instant now);
  void setLevel(int level, Instant now);
  void publishCalm();
  Duration step(Instant now) const;
  bool isShed(TrafficClass traffic, Duration delay) const;
  Duration retryAfter(TrafficClass traffic, Duration delay) const;

  std::mutex mutex_;  // guards all that follows; the atomics are written under it and read without
  CodelOptions options_;
  std::optional<Period> above_;          // since the delay was last at or below the target
  Use use_;                              // while somebody is shed
  Instant changed_at_ = Instant::min();  // the level
  std::optional<Instant> ended_at_;      // when the level last fell to zero
  Instant noted_at_{};                   // the last delay
  std::atomic<int> level_{0};
  // A delay of at most this has nothing to change; negative: any has.
  std::atomic<std::int64_t> calm_target_;
};

}  // namespace revenge::http_limits
