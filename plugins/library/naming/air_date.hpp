// The date of an episode in its name: 2018-03-24, 24.03.2018, 20180324, 24 Mar 2018. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>

#include "lexed_name.hpp"

namespace library::naming {

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
  bool operator==(const Date&) const = default;
};

struct FoundDate {
  Date date;
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
};

std::optional<FoundDate> findDate(const LexedName& name);

}  // namespace library::naming
