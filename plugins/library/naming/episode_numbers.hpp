// The episodes that follow a first number: "E01E02", "E01-E04", "01-03", "5x03-5x05", "E05v2". Bounded.
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace library::naming {

// A range or a list of more is cut there.
inline constexpr std::size_t kMaxEpisodes = 100;

struct EpisodeNumbers {
  std::vector<int> numbers;
  int version = 0;      // of "05v2"; 0: none is said
  char sub = 0;         // 'b' of "05b", '5' of "05.5": a piece of the episode; 0: the whole
  std::size_t end = 0;  // behind the last number
};

// Requires: text is lower case and a digit stands at the offset. An empty list: the number there is too long, or letters
// go on behind it.
EpisodeNumbers readEpisodeNumbers(std::string_view text, std::size_t at);

// The number is a height, a width or a codec rather than an episode.
bool isTechnicalNumber(int number);

}  // namespace library::naming
