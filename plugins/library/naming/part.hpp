// The mark of a file that is a part of a longer one: "cd1", "part b". Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace library::naming {

struct PartMark {
  std::size_t begin = 0;  // where the mark begins, with what separates it from the name
  std::string_view word;  // "cd", "part", as it is spelled
  int number = 0;         // 1 of "1" and of "a"
  bool is_letter = false;
};

// At the end of a stem in display form. The word stays a view into it.
std::optional<PartMark> partAtEnd(std::string_view stem);

bool isPartWord(std::string_view word);

}  // namespace library::naming
