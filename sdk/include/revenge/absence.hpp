// What a consumer does while the provider behind a Slot is away: not there, disabled, failed, refused, or held by the
// gate of a swap on a thread that may not wait. plugin.json says whether a call is refused at once or waits for it
// (requires[].when_absent); the other two ways are chosen here, call by call. What the provider itself answers, good or
// bad, is never replaced.
//
//   revenge::Result<int> seats = revenge::bypass(slot.ask(call, count), 0);
//   auto title = titles_.settle(id, slot.ask(call, lookUp));   // LastGood<std::string, std::string> titles_{1000};
//   if (title && title->stale) ...
//
// For functions that answer in place. One that waits (Slot::start) ends with kUnavailable or kGone, which does not tell
// an absent provider from one that says so.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <type_traits>
#include <utility>

#include <revenge/service.hpp>

namespace revenge {

// Goes on with `value` while the provider is away.
template <class T>
Result<T> bypass(Asked<T> asked, std::type_identity_t<T> value) {
  if (asked.away) return value;
  return std::move(asked.result);
}
// The same for a call that answers nothing.
inline Status bypass(Asked<void> asked) { return asked.away ? Status() : std::move(asked.result); }

// The last good answer for each key, for as long as the provider is away. Bounded in entries, the least recently settled
// goes first. Thread safe; answers are copied out. It belongs to the instance: the next version begins empty.
// Requires: Key has an order; Key and Value copy.
template <class Key, class Value>
class LastGood {
 public:
  struct Answer {
    Value value;
    bool stale = false;  // the kept one
  };

  // Requires: capacity is not 0.
  explicit LastGood(std::size_t capacity) : capacity_(capacity) {}
  LastGood(const LastGood&) = delete;
  LastGood& operator=(const LastGood&) = delete;

  // A good answer is kept in place of the one before. While the provider is away: the kept one, or, when there is none,
  // why it is away. The provider's own failure is passed on and changes nothing.
  Result<Answer> settle(const Key& key, Asked<Value> asked) {
    if (asked.result) {
      keep(key, *asked.result);
      return Answer{std::move(*asked.result)};
    }
    if (asked.away) {
      const std::lock_guard lock(mutex_);
      if (const auto known = byKey_.find(key); known != byKey_.end()) {
        kept_.splice(kept_.begin(), kept_, known->second);
        return Answer{known->second->second, true};
      }
    }
    return std::unexpected(std::move(asked.result.error()));
  }
  void forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (const auto known = byKey_.find(key); known != byKey_.end()) {
      kept_.erase(known->second);
      byKey_.erase(known);
    }
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }

 private:
  using Kept = std::list<std::pair<Key, Value>>;  // the most recently settled first

  void keep(const Key& key, const Value& value) {
    Kept fresh;
    fresh.emplace_back(key, value);
    const std::lock_guard lock(mutex_);
    const auto [known, added] = byKey_.try_emplace(key, fresh.begin());
    if (!added) fresh.splice(fresh.end(), kept_, std::exchange(known->second, fresh.begin()));
    kept_.splice(kept_.begin(), fresh, fresh.begin());
    if (kept_.size() > capacity_) {
      byKey_.erase(kept_.back().first);
      kept_.pop_back();
    }
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Kept kept_;
  std::map<Key, typename Kept::iterator> byKey_;
};

}  // namespace revenge
