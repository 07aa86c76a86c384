// Rounds: short runs of one kind of call, by one thread or by two at once, so that two kinds can be timed in turn and whatever
// disturbs the machine for longer than a round disturbs both. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace revenge::bench {

// Makes so many calls, as thread 0 or 1; how many of them ended as they should. Both threads at once.
using Calls = std::function<std::uint64_t(unsigned thread, std::uint64_t count)>;

// `once(thread)` is one call and says whether it ended as it should.
template <class Once>
Calls repeated(Once once) {
  return [once](unsigned thread, std::uint64_t count) {
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < count; ++i) right += once(thread) ? 1U : 0U;
    return right;
  };
}

struct Subject {
  std::string name;
  Calls calls;
  Calls twin;  // the same loop around one reading of the clock and one atomic addition
};

struct Timed {
  double value = 0;  // ns a call: of two threads the time that passed over the calls of both
  double twin = 0;
  double clock = 0;  // one reading; not measured with two threads
  std::uint64_t allocations = 0;
};

// The fastest round of each kind counts: other work on the machine only ever adds time. Throws std::runtime_error when a call
// has not ended as it should.
Timed timeAlone(const Subject& subject);

// By two threads on cores of their own, begun together. A round counts when neither thread lost its core meanwhile and neither
// ran away from the other, since one alone is faster than two that meet; of those the median counts. Throws when the machine
// has only one core, or hardly a round counted.
Timed timeTogether(const Subject& subject);

// One reading of the monotonic clock.
Calls clockReadings();
// One reading and one addition to what all threads share.
Calls clockAndAtomic();

}  // namespace revenge::bench
