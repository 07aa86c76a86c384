// Text for a terminal: nothing that a plugin says reaches it unescaped. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "document/value.hpp"

namespace revenge::ctl {

// Controls, line separators and bidirectional marks as \n, \x1b, \u{202e}. Bytes that are no UTF-8 as \xff.
std::string escaped(std::string_view text);

enum class Colours { kOff, kOn };
enum class Tone { kPlain, kGood, kWarning, kBad, kFaint };

// On a terminal that is not dumb, unless NO_COLOR is set and not empty (no-color.org). The variables may be null.
enum class Output { kTerminal, kOther };
Colours coloursFor(Output output, const char* no_color, const char* term);

// Requires: `text` is escaped already.
std::string toned(std::string_view text, Tone tone, Colours colours);
Tone toneOf(std::string_view state);

// Columns as wide as their widest cell; the last one ends the line. A cell is escaped here.
struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};
std::string table(const std::vector<std::vector<Cell>>& rows, Colours colours);

// Members of an answer, escaped; empty where they are missing or of another kind.
std::string textOf(const document::Value& object, std::string_view key);
std::string rawText(const document::Value& object,
                    std::string_view key);  // not escaped: to be sent, or compared
std::int64_t integerOf(const document::Value& object, std::string_view key);
double numberOf(const document::Value& object, std::string_view key);
bool flagOf(const document::Value& object, std::string_view key);
const document::Array& arrayOf(const document::Value& object, std::string_view key);
std::string joined(const document::Array& texts, std::string_view separator);

std::string duration(double ms);                  // "3 ms", "1.25 s"
std::string localTime(double unix_seconds);       // "2026-11-23 21:13:12"
std::string localTimeOfDay(double unix_seconds);  // "21:13:12.345"

}  // namespace revenge::ctl
