#include "naming/glob.hpp"

#include <gtest/gtest.h>

namespace library::naming {
namespace {

TEST(Glob, MatchesOneName) {
  struct Case {
    std::string_view pattern, name;
    bool matches;
  };
  constexpr Case kCases[] = {
      {"*.mkv", "a.mkv", true},
      {"*.mkv", "a.mkvx", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a*b*c", "aXXbYYc", true},
      {"a*b*c", "aXXcYYb", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a]x", "bx", true},
      {"[!a]x", "ax", false},
      {"[^a]x", "bx", true},
      {"[]]x", "]x", true},
      {"[a", "[a", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"", "", true},
      {"*", "", true},
      {"***", "abc", true},
      {"?", "é", true},
      {"??", "é", false},
      {"[а-я]*", "фильм", true},
      {"a-[0-9]", "a-5", true},
      {"\\[a]", "[a]", true},
      {"a", "A", false},
      {"*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(globMatches(c.pattern, c.name), c.matches) << c.pattern << " and " << c.name;
}

TEST(IgnoreRules, FollowGitignore) {
  struct Case {
    std::string_view rules, path;
    Entry entry;
    bool ignored;
  };
  constexpr auto kFile = Entry::kFile;
  constexpr auto kFolder = Entry::kFolder;
  constexpr Case kCases[] = {
      {"*.tmp", "a.tmp", kFile, true},
      {"*.tmp", "x/y/a.tmp", kFile, true},
      {"/a.mkv", "a.mkv", kFile, true},
      {"/a.mkv", "x/a.mkv", kFile, false},
      {"x/a.mkv", "x/a.mkv", kFile, true},
      {"x/a.mkv", "y/x/a.mkv", kFile, false},
      {"extras/", "extras", kFolder, true},
      {"extras/", "extras", kFile, false},
      {"extras/", "x/extras/a.mkv", kFile, true},
      {"extras", "x/extras/a.mkv", kFile, true},
      {"/extras", "x/extras/a.mkv", kFile, false},
      {"**/extras", "x/y/extras/a.mkv", kFile, true},
      {"x/**", "x/a.mkv", kFile, true},
      {"x/**", "x", kFolder, false},
      {"x/**/b", "x/b", kFile, true},
      {"x/**/b", "x/1/2/b", kFile, true},
      {"x/**/b", "y/x/b", kFile, false},
      {"x/*", "x/a", kFile, true},
      {"/x/*", "x/a/b", kFile, true},
      {"x/*/b", "x/a/c/b", kFile, false},
      {"*.mkv\n!keep.mkv", "keep.mkv", kFile, false},
      {"*.mkv\n!keep.mkv", "other.mkv", kFile, true},
      {"!keep.mkv\n*.mkv", "keep.mkv", kFile, true},
      {"x/\n!x/keep.mkv", "x/keep.mkv", kFile, true},
      {"x/*\n!x/keep.mkv", "x/keep.mkv", kFile, false},
      {"# comment", "# comment", kFile, false},
      {"\\# name", "# name", kFile, true},
      {"\\!name", "!name", kFile, true},
      {"a.mkv   ", "a.mkv", kFile, true},
      {"a\\ ", "a ", kFile, true},
      {"a.mkv\r\nb.mkv\r\n", "b.mkv", kFile, true},
      {"\xEF\xBB\xBF"
       "a.mkv",
       "a.mkv", kFile, true},
      {"", "a.mkv", kFile, false},
      {"\n\n   \n", "a.mkv", kFile, false},
      {"/", "a.mkv", kFile, false},
      {"*", "a.mkv", kFile, true},
      {"/*\n!/Movies/", "Movies/a.mkv", kFile, false},
      {"/*\n!/Movies/", "Other/a.mkv", kFile, true},
      {"Filme [alt]", "Filme a", kFolder, true},
      {"Filme \\[alt\\]", "Filme [alt]", kFolder, true},
      {"фильм*", "фильмы/a.mkv", kFile, true},
      {"foo/*/bar", "foo/x/bar/a", kFile, true},
      {"**", "a/b", kFile, true},
      {"a**b", "aXXb", kFile, true},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(IgnoreRules::parse(c.rules).ignores(c.path, c.entry), c.ignored)
        << c.rules << " and " << c.path;
  }
}

TEST(IgnoreRules, SayWhatTakesBack) {
  const IgnoreRules rules = IgnoreRules::parse("*.mkv\n!a.mkv\n");
  EXPECT_EQ(rules.match("a.mkv", Entry::kFile), Verdict::kKeep);
  EXPECT_EQ(rules.match("b.mkv", Entry::kFile), Verdict::kIgnore);
  EXPECT_EQ(rules.match("b.avi", Entry::kFile), Verdict::kNoMatch);
}

TEST(IgnoreRules, AreBounded) {
  std::string many;
  for (int i = 0; i < 6000; ++i) many += "name" + std::to_string(i) + "\n";
  const IgnoreRules rules = IgnoreRules::parse(many);
  EXPECT_TRUE(rules.ignores("name4095", Entry::kFile));
  EXPECT_FALSE(rules.ignores("name4096", Entry::kFile));
}

}  // namespace
}  // namespace library::naming
