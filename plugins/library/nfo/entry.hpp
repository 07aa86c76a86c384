// One description while it is read: what several elements may say is settled when all of them are known.
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "addresses.hpp"
#include "document.hpp"
#include "nfo.hpp"

namespace library::nfo {

inline constexpr std::size_t kMaxWarnings = 10;
inline constexpr std::size_t kMaxListed =
    1000;  // of actors, genres, seasons and whatever else there are many of

class Warnings {
 public:
  void add(std::string text) {
    if (texts_.size() < kMaxWarnings) texts_.push_back(std::move(text));
  }
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  std::vector<std::string> texts_;
};

// What the best of several sources says; 0 is the best. Of two that are as good, the first.
template <typename Value>
class Best {
 public:
  void offer(std::size_t rank, Value value) {
    if (value_ && rank_ <= rank) return;
    value_ = std::move(value);
    rank_ = rank;
  }
  const std::optional<Value>& value() const { return value_; }

 private:
  std::optional<Value> value_;
  std::size_t rank_ = 0;
};

struct OrderedPerson {
  std::optional<int> order;
  Person person;
};

// How much an id is to be believed, the most first.
enum class Trust : std::uint8_t { kTyped, kNamed, kBare, kAddress };

struct Entry {
  Entry(Root root, Warnings& warnings_of) : warnings(warnings_of) { nfo.root = root; }

  // Empty text and what is written for "none" is not refused: it says nothing.
  void refuse(const Element& element, std::string_view why);
  void addId(Trust trust, std::string_view provider, std::string_view id);
  // Requires: the entry is not finished.
  Nfo finish(std::span<const Address> addresses);

  Nfo nfo;
  Best<std::string> date;
  Best<int> date_year;  // of what is a year at least
  Best<std::string> certification;
  Best<int> display_season;
  Best<int> display_episode;
  Best<int> season;
  Best<std::string> artist;
  std::map<std::string, Best<std::string>> ids;
  std::vector<std::string> artists;
  std::vector<OrderedPerson> actors;
  std::optional<Rating> flat_rating;
  std::optional<std::int64_t> flat_votes;
  Warnings& warnings;
};

// Takes what a child of the root says. One that is not known says nothing.
void readField(Entry& entry, const Element& element);

}  // namespace library::nfo
