// StoreMap: the keys, subscriptions and loaders of the store, and how they become bytes and are read back.
//
// Thread safe; one lock, never held over a call to others. Sealed, it refuses every change and still answers. Knows
// neither SDK nor host: callbacks and tokens are numbers here.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store {

enum class Why { kInvalid, kNotFound, kLimit, kSealed };
struct Refused {
  Why why;
  std::string text;
};
template <class T>
using Answer = std::expected<T, Refused>;

struct Subscription {
  std::uint64_t token;
  std::string prefix;
  std::uint64_t callback;
};

// Some lines "key=value" of a range.
struct Batch {
  std::string lines;
  std::string next;  // the first key that is not in them; empty: there is none
};

class StoreMap {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;

  std::optional<std::string> get(std::string_view key) const;
  Answer<void> put(std::string_view key, std::string_view value);
  Answer<void> remove(std::string_view key);
  Answer<std::int64_t> add(std::string_view key, std::int64_t delta);
  // All of them, or none.
  Answer<void> putAll(const Values& values);
  std::size_t size() const;
  // Keys from `from` on and before `to` (empty: no bound), at most `limit`.
  Batch read(std::string_view from, std::string_view to, std::size_t limit) const;

  Answer<void> subscribe(Subscription subscription);
  Answer<void> unsubscribe(std::uint64_t token);
  std::vector<Subscription> subscribersOf(std::string_view key) const;
  std::size_t subscriptions() const;

  // 0: none any more.
  Answer<void> setLoader(std::string_view prefix, std::uint64_t callback);
  // That of the longest prefix; 0: none.
  std::uint64_t loaderFor(std::string_view key) const;
  void forgetLoader(std::uint64_t callback);

  // Everything as bytes, as it stands from here on: no change comes after.
  std::string seal();
  void unseal();
  bool isSealed() const;
  // In place of what was there. Refused, it leaves everything as it was.
  Answer<void> restore(std::string_view state);

 private:
  Answer<void> mayChange() const;
  static Answer<void> checkKey(std::string_view key);

  mutable std::mutex mutex_;
  Values values_;
  std::map<std::uint64_t, Subscription> subscriptions_;
  std::map<std::string, std::uint64_t, std::less<>> loaders_;
  bool sealed_ = false;
};

}  // namespace store
