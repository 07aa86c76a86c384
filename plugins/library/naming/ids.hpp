// The ids and the edition that people write into names for a library to read: [tmdbid=1], {tvdb-1}, {edition-Final Cut}.
// Thread safety: pure functions.
#pragma once

#include <string>

namespace library::naming {

struct Ids {
  std::string tmdb;  // digits
  std::string imdb;  // "tt" and digits
  std::string tvdb;  // digits

  bool empty() const { return tmdb.empty() && imdb.empty() && tvdb.empty(); }
  // Takes from the other what is missing here.
  void fillFrom(const Ids& other);
  bool operator==(const Ids&) const = default;
};

struct Marks {
  Ids ids;
  std::string edition;
};

// Reads the marks of a name in display form and cuts them out of it.
Marks takeMarks(std::string& name);

}  // namespace library::naming
