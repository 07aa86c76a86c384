// Which paths a .revengeignore leaves out, by the rules of .gitignore: the last pattern that matches decides, "!" takes
// back, "/" at the end means folders, "**" crosses them. Thread safety: immutable after parsing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace library::naming {

enum class Entry { kFile, kFolder };
enum class Verdict { kNoMatch, kIgnore, kKeep };

// One pattern against one name without "/": "*", "?", "[a-z]", "[!a]" and "\" for the next byte as it is. "?" and a class
// take one byte of ASCII or one whole character.
bool globMatches(std::string_view pattern, std::string_view name);

class IgnoreRules {
 public:
  // More patterns than kMaxPatterns are not read.
  static constexpr std::size_t kMaxPatterns = 4096;

  static IgnoreRules parse(std::string_view text);

  // Of the entry itself, by its path below the folder of the file with the rules.
  Verdict match(std::string_view path, Entry entry) const;
  // Whether the entry, or a folder around it, is left out: what is below such a folder cannot be taken back.
  bool ignores(std::string_view path, Entry entry) const;
  bool empty() const { return patterns_.empty(); }

 private:
  struct Pattern {
    std::vector<std::string> segments;  // "**" is one of its own
    bool folders_only = false;
    bool taken_back = false;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace library::naming
