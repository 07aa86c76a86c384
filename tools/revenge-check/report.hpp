// A summary as text: for people, as JSON, as JUnit; and the rows as a table. Thread safety: pure functions.
#pragma once

#include <string>

#include "revenge-check/outcome.hpp"

namespace revenge::check {

enum class Colours : bool { kNo, kYes };

// Findings first, with their remedies, then what was not run.
std::string forPeople(const Summary& summary, Colours colours);
std::string asJson(const Summary& summary);
// One suite, one case for each row.
std::string asJunit(const Summary& summary);

// Markdown: what stands in docs/check.md.
std::string rowTable();

}  // namespace revenge::check
