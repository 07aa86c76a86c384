// Where the title of a name ends and its year stands: the one rule behind films, shows and their folders.
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "lexed_name.hpp"

namespace library::naming {

struct TitleSpan {
  std::string title;
  std::optional<int> year;
  std::size_t first = 0;  // token of the title
  std::size_t end = 0;    // the first token behind the title
  std::size_t rest = 0;   // the first token behind title and year
};

inline constexpr int kFirstYear = 1888;
inline constexpr int kLastYear = 2035;

// The token is a year by itself and no part of a date.
bool isYear(const LexedName& name, std::size_t token);
// A number, a dot or a space, and two more that make a date: 2013.12.09 or 09.12.2013.
bool isInDate(const LexedName& name, std::size_t token);

// Reads the title from the front of the name up to the given token (kNone: its end).
TitleSpan readTitle(const LexedName& name, std::size_t limit = kNone);

// The first token that belongs to the title: behind the [group] and the site of a release.
std::size_t firstTitleToken(const LexedName& name, std::size_t limit);

}  // namespace library::naming
