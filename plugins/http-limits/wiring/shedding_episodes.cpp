#include "wiring/shedding_episodes.hpp"

#include <string>

#include <fmt/format.h>

namespace revenge::http_limits {

std::uint64_t SheddingEpisodes::shedBy(const Tally& tally) {
  std::uint64_t shed = 0;
  for (std::size_t i = 0; i < kTrafficClasses; ++i) {
    const auto traffic = static_cast<TrafficClass>(i);
    shed += tally.refusals(traffic, Refusal::kShed) + tally.dryRefusals(traffic, Refusal::kShed);
  }
  return shed;
}

void SheddingEpisodes::look(int level, const Tally& tally, Instant now) {
  const std::uint64_t shed = shedBy(tally);
  const bool sheds = level > 0 || shed > seen_;
  if (sheds && !episode_) {
    episode_ = Episode{.begin = now, .last = now, .shed_before = seen_};
    tell("begin", "more requests come than can be answered: some are shed", shed - seen_);
  } else if (sheds) {
    episode_->last = now;
  } else if (episode_ && now - episode_->last >= kQuiet) {
    const std::uint64_t count = shed - episode_->shed_before;
    const double took = std::chrono::duration<double>(episode_->last - episode_->begin).count();
    tell("end",
         fmt::format("all requests are answered again, after {:.0f} s and {} that were shed", took, count),
         count);
    episode_.reset();
  }
  seen_ = shed;
}

void SheddingEpisodes::tell(std::string_view state, std::string_view text, std::uint64_t shed) const {
  const std::string count = std::to_string(shed);
  (void)host_.events().publish(
      {.kind = "http-limits.shedding", .text = text, .attributes = {{"state", state}, {"shed", count}}});
}

}  // namespace revenge::http_limits
