// A name cut into words: where each stands, in which bracket, and which release word it is. Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "release_words.hpp"

namespace library::naming {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Token {
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  char bracket = 0;                   // '(', '[' or '{' around it; 0: none
  std::size_t group_begin = 0;        // of the bracket, its opening; else the token's own begin
  std::size_t group_end = 0;          // behind its closing
  const ReleaseWord* word = nullptr;  // the phrase that begins or goes on here
  std::uint8_t phrase_tokens = 0;  // how many tokens the phrase has, counted from its first; 0: not its first
};

class LexedName {
 public:
  // Takes the display form of a stem or of a folder's name.
  explicit LexedName(std::string text);
  // The views into the text stay with the object they came from.
  LexedName(const LexedName&) = delete;
  LexedName& operator=(const LexedName&) = delete;

  const std::string& text() const { return text_; }
  const std::string& lower() const { return lower_; }  // ASCII lower case, byte for byte
  const std::vector<Token>& tokens() const { return tokens_; }
  std::string_view word(std::size_t index) const {
    return std::string_view(lower_).substr(tokens_[index].begin, tokens_[index].end - tokens_[index].begin);
  }
  std::string_view spelled(std::size_t index) const {
    return std::string_view(text_).substr(tokens_[index].begin, tokens_[index].end - tokens_[index].begin);
  }
  // Of the first token that begins at or behind the offset; tokens().size(): none.
  std::size_t tokenAt(std::size_t offset) const;
  // The token is the first of its bracket.
  bool opensBracket(std::size_t index) const;
  // What stands in the token's bracket, or the token itself.
  std::string_view inBracket(std::size_t index) const;
  // Where nothing stands outside of brackets, as in "[Group][Title][04]": the first token of the one with the title.
  // kNone: something does.
  std::size_t titleBracket() const;
  bool isTag(std::size_t index, Strength at_least = Strength::kWeak) const {
    return tokens_[index].word != nullptr && tokens_[index].word->strength >= at_least;
  }

 private:
  void tokenize();
  void classify();

  std::string text_;
  std::string lower_;
  std::vector<Token> tokens_;
};

// The text as a title: dots and underscores that stand for spaces become spaces, initials keep their dots.
std::string asTitle(std::string_view text);

}  // namespace library::naming
