// "Season 2", "3. Staffel", "第2季", "Folge 7", "07 серия": a season or an episode said by a word of some language and a
// number before or behind it. Thread safety: constant tables and pure functions.
#pragma once

#include <cstddef>
#include <optional>

#include "lexed_name.hpp"

namespace library::naming {

struct Counted {
  std::size_t begin = 0;       // bytes of the name's text
  std::size_t end = 0;         // behind the number or the word, whichever is last
  std::size_t number_end = 0;  // behind the number
  int number = 0;
};

enum class Where { kInFile, kInFolder };

// The first such phrase that begins at or behind the offset.
std::optional<Counted> findSeason(const LexedName& name, std::size_t from = 0, Where where = Where::kInFile);
std::optional<Counted> findEpisode(const LexedName& name, std::size_t from = 0);

// A word for what stands outside the seasons: special, OVA, NCOP.
bool isSpecialWord(std::string_view word);
bool isEpisodeWord(std::string_view word);

}  // namespace library::naming
