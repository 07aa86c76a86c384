// The prepared statements of one connection by their text; the least recently used one goes first. Not for two threads
// at once.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace database {

template <class Prepared>
class StatementCache {
 public:
  explicit StatementCache(std::size_t most) : most_(most) {}

  // Null: not prepared yet. The pointer stays good until the next add(), drop() or clear().
  Prepared* find(std::string_view text) {
    const auto found = places_.find(text);
    if (found == places_.end()) return nullptr;
    if (found->second != entries_.begin()) entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->prepared;
  }
  Prepared& add(std::string_view text, Prepared prepared) {
    drop(text);
    if (entries_.size() >= most_) drop(entries_.back().text);
    entries_.push_front({std::string(text), std::move(prepared)});
    places_.emplace(entries_.front().text, entries_.begin());
    return entries_.front().prepared;
  }
  void drop(std::string_view text) {
    const auto found = places_.find(text);
    if (found == places_.end()) return;
    const auto entry = found->second;
    places_.erase(found);
    entries_.erase(entry);
  }
  void clear() {
    places_.clear();
    entries_.clear();
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string text;
    Prepared prepared;
  };

  std::size_t most_;
  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> places_;  // views of Entry::text
};

}  // namespace database
