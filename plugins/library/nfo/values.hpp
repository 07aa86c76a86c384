// Values as people and programs write them into .nfo files. Thread safety: pure functions; none looks at the
// locale. Nothing: the text is no such value. Texts are UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace library::nfo {

inline constexpr std::size_t kMaxTextBytes = std::size_t{32} << 10U;  // of a text of many lines; more is cut

// In display form on one line, without white space around it and with single spaces inside; of at most
// naming::kMaxNameBytes.
std::string oneLine(std::string_view text);
// The same, line by line; one empty line between paragraphs at the most.
std::string manyLines(std::string_view text);

std::string_view withoutSpace(std::string_view text);  // around it

// "Action / Drama" and "Action | Drama", in their lines; by commas too, if `separators` has one. The first thousand.
std::vector<std::string> partsOf(std::string_view text, std::string_view separators);

std::optional<int> wholeNumber(std::string_view text);     // "12"; never below 0
std::optional<double> decimal(std::string_view text);      // "7.5" and "7,5"; never nan or infinite
std::optional<std::int64_t> count(std::string_view text);  // "335583", "335,583", "335.583" and "335 583"
std::optional<bool> truth(std::string_view text);

// "2017-04-30", whatever stands behind it, "2017/4/30" and "30.04.2017": the first form of all of them, of a
// day there is.
std::optional<std::string> date(std::string_view text);
// The four digits at the front, after 1850.
std::optional<int> year(std::string_view text);

// "95", "95 min", "1h 35m", "1:35:00", "95:00" and "PT1H35M"; two parts are hours and minutes where the first
// is below `first_minutes`, else minutes and seconds. More than none, at most a week.
std::optional<std::int64_t> seconds(std::string_view text, int first_minutes);

}  // namespace library::nfo
