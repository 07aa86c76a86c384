#include "wiring/limit_metrics.hpp"

#include <array>

namespace revenge::http_limits {
namespace {

// In the order of Tally::Passage.
constexpr std::array<std::string_view, Tally::kPassages> kPassages{"admitted", "exempt", "ungated"};

}  // namespace

LimitMetrics::LimitMetrics(const Host& host)
    : metrics_(host),
      level_(metrics_.gauge("shedding_level",
                            "Who is shed: 0 nobody, 1 background, 2 browsing too, 3 playback too.")),
      waiting_(metrics_.gauge("waiting", "Requests that wait for a place in their pipeline.")),
      permits_(metrics_.gauge("permits_held", "Permits of requests that are under way.")) {}

void LimitMetrics::set(const Tally& tally, const Now& now) {
  level_.set(now.level);
  waiting_.set(static_cast<double>(now.waiting));
  permits_.set(static_cast<double>(now.permits));
  for (std::size_t i = 0; i < kTrafficClasses; ++i) {
    const auto traffic = static_cast<TrafficClass>(i);
    for (std::size_t p = 0; p < kPassages.size(); ++p)
      count(Series::kRequests, traffic, kPassages[p], tally.passes(traffic, static_cast<Tally::Passage>(p)));
    for (std::size_t r = 0; r < kRefusals; ++r) {
      const auto refusal = static_cast<Refusal>(r);
      count(Series::kRequests, traffic, codeOf(refusal), tally.refusals(traffic, refusal));
      count(Series::kWouldRefuse, traffic, codeOf(refusal), tally.dryRefusals(traffic, refusal));
    }
  }
}

// A series is there from the first that it counts.
void LimitMetrics::count(Series series, TrafficClass traffic, std::string_view outcome, std::uint64_t total) {
  const auto key = std::pair{series, std::pair{traffic, outcome}};
  auto known = counters_.find(key);
  if (known == counters_.end()) {
    if (total == 0) return;
    const Counter counter =
        series == Series::kRequests
            ? metrics_.counter("requests_total", "Requests by what became of them.",
                               {{"class", nameOf(traffic)}, {"outcome", outcome}})
            : metrics_.counter("would_refuse_total", "Requests that dry runs would have refused, and why.",
                               {{"class", nameOf(traffic)}, {"refusal", outcome}});
    known = counters_.emplace(key, Counted{counter}).first;
  }
  Counted& counted = known->second;
  if (total > counted.before) counted.counter.add(static_cast<double>(total - counted.before));
  counted.before = total;
}

}  // namespace revenge::http_limits
