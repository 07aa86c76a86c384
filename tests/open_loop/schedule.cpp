#include "schedule.hpp"

#include <algorithm>

namespace revenge::open_loop {

Schedule::Schedule(const std::vector<Kind>& kinds, Moment begin, Moment end, unsigned seed)
    : end_(end), random_(seed) {
  for (const Kind& kind : kinds) {
    Stream& stream = streams_.emplace_back(Stream{begin, std::exponential_distribution<double>(kind.per_s)});
    stream.at = later(stream, begin);
  }
}

std::optional<Due> Schedule::next() const {
  const std::size_t kind = first();
  if (kind == streams_.size() || streams_[kind].at >= end_) return std::nullopt;
  return Due{kind, streams_[kind].at};
}

void Schedule::take() {
  Stream& stream = streams_[first()];
  stream.at = later(stream, stream.at);
}

std::size_t Schedule::first() const {
  return static_cast<std::size_t>(std::ranges::min_element(streams_, {}, &Stream::at) - streams_.begin());
}

Moment Schedule::later(Stream& stream, Moment from) {
  return from +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(stream.gap_s(random_)));
}

}  // namespace revenge::open_loop
