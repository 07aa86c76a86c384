// When requests are due: those of each kind at random moments around its rate, or as many at once as there are clients that
// ask again when they are answered. Thread safety: one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace revenge::open_loop {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

struct Kind {
  std::string path;
  double per_s = 0;
};

struct Due {
  std::size_t kind = 0;
  Moment at;
};

class Schedule {
 public:
  Schedule(const std::vector<Kind>& kinds, Moment begin, Moment end, unsigned seed);

  // The next that is due; empty: none follows before the end.
  std::optional<Due> next() const;
  void take();

 private:
  struct Stream {
    Moment at;
    std::exponential_distribution<double> gap_s;
  };
  std::size_t first() const;
  Moment later(Stream& stream, Moment from);

  const Moment end_;
  std::mt19937_64 random_;
  std::vector<Stream> streams_;
};

}  // namespace revenge::open_loop
