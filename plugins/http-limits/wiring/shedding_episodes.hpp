// SheddingEpisodes: when shedding begins and ends, as events: one of each however often the level moves in between. Thread
// safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>

#include <revenge/events.hpp>

#include "limits/tally.hpp"
#include "limits/time.hpp"

namespace revenge::http_limits {

class SheddingEpisodes {
 public:
  explicit SheddingEpisodes(Host& host) : host_(host) {}

  // Now and then. `level`: the highest of all queues.
  void look(int level, const Tally& tally, Instant now);

 private:
  static constexpr Duration kQuiet = std::chrono::seconds(5);  // for so long nobody was shed: it is over
  struct Episode {
    Instant begin;
    Instant last;
    std::uint64_t shed_before = 0;
  };
  static std::uint64_t shedBy(const Tally& tally);
  void tell(std::string_view state, std::string_view text, std::uint64_t shed) const;

  Host& host_;
  std::uint64_t seen_ = 0;
  std::optional<Episode> episode_;
};

}  // namespace revenge::http_limits
