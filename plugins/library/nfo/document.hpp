// The XML of a file, element by element below its root. Thread safety: one thread at a time for each
// listener.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nfo.hpp"

namespace library::nfo {

inline constexpr std::size_t kMaxDepth = 64;            // of elements in each other
inline constexpr std::size_t kMaxFieldElements = 4096;  // in one child of a root; more are passed over

struct Element {
  std::string name = {};  // in lower case, as those of the attributes are
  std::vector<std::pair<std::string, std::string>> attributes = {};
  std::string text = {};  // without that of the children
  std::vector<Element> children = {};
  std::size_t text_before = 0;  // of the parent's text, how much stands before it

  std::string_view attribute(std::string_view attribute_name) const;  // empty also where there is none
  const Element* child(std::string_view child_name) const;            // the first; null: there is none
  // With that of all children, where it stands; <br> and <p> are ends of lines.
  std::string allText() const;
};

class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  virtual void begin(Root root) = 0;
  virtual void field(const Element& element) = 0;  // a child of the root, with all that is in it
  virtual void end() = 0;
  virtual void passedOver(std::string what) = 0;

 protected:
  ~Listener() = default;
};

enum class Outcome : std::uint8_t { kRead, kNothing, kBroken, kRefused };

struct Walked {
  Outcome outcome = Outcome::kRead;
  std::size_t bytes = 0;  // kRead: of the document
  std::string why = {};   // kBroken, kRefused: a text for people
  std::string root = {};  // the name of its outermost element
};

// Reads one document at the front of the text; what follows it is not looked at. The elements that describe
// something are the outermost or one deeper. kNothing: the text ends before any element; kRefused: it wants
// what is not done here. What the listener heard before an error is no whole file. Requires: the text is
// UTF-8.
Walked walk(std::string_view text, Listener& listener);

}  // namespace library::nfo
