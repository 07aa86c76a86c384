#include "store_map.hpp"

#include <charconv>
#include <utility>

namespace store {

namespace {

// A header line, then records: a letter and its fields, each "length:bytes". 'e' ends them, so that a state cut off
// is noticed.
constexpr std::string_view kHeader = "store state 1\n";

std::unexpected<Refused> refused(Why why, std::string text) {
  return std::unexpected<Refused>(Refused{why, std::move(text)});
}

void write(std::string& out, std::string_view field) {
  out.append(std::to_string(field.size())).append(":").append(field);
}
void write(std::string& out, std::uint64_t number) { write(out, std::to_string(number)); }

template <class Number>
std::optional<Number> numberIn(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class StateReader {
 public:
  explicit StateReader(std::string_view state) : rest_(state) {}

  bool isBroken() const { return broken_; }
  bool isAtEnd() const { return rest_.empty(); }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) return broken_ = true, std::string_view();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  char letter() {
    const std::string_view one = bytes(1);
    return one.empty() ? '\0' : one.front();
  }
  std::string text() {
    const auto length = numberIn<std::size_t>(bytes(std::min(rest_.find(':'), rest_.size())));
    if (!length || letter() != ':') return broken_ = true, std::string();
    return std::string(bytes(*length));
  }
  std::uint64_t number() {
    const auto number = numberIn<std::uint64_t>(text());
    if (!number) broken_ = true;
    return number.value_or(0);
  }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace

Answer<void> StoreMap::mayChange() const {
  if (sealed_) return refused(Why::kSealed, "this instance of the store was saved; another one goes on");
  return {};
}

Answer<void> StoreMap::checkKey(std::string_view key) {
  if (!key.empty() && key.find_first_of("=\n") == std::string_view::npos) return {};
  return refused(Why::kInvalid,
                 "key '" + std::string(key) + "': expected a text without '=' and line breaks, not empty");
}

std::optional<std::string> StoreMap::get(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(key);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

Answer<void> StoreMap::put(std::string_view key, std::string_view value) {
  return putAll({{std::string(key), std::string(value)}});
}

Answer<void> StoreMap::putAll(const Values& values) {
  for (const auto& [key, value] : values)
    if (auto valid = checkKey(key); !valid) return valid;
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return open;
  for (const auto& [key, value] : values) values_.insert_or_assign(key, value);
  return {};
}

Answer<void> StoreMap::remove(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return open;
  const auto found = values_.find(key);
  if (found == values_.end()) return refused(Why::kNotFound, "no key '" + std::string(key) + "'");
  values_.erase(found);
  return {};
}

Answer<std::int64_t> StoreMap::add(std::string_view key, std::int64_t delta) {
  if (auto valid = checkKey(key); !valid) return std::unexpected(valid.error());
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return std::unexpected(open.error());
  const auto found = values_.find(key);
  const auto before = found == values_.end() ? std::int64_t{0} : numberIn<std::int64_t>(found->second);
  if (!before) return refused(Why::kInvalid, "key '" + std::string(key) + "' holds no number");
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*before, delta, &sum))
    return refused(Why::kLimit, "key '" + std::string(key) + "' would leave 64 bits");
  values_.insert_or_assign(std::string(key), std::to_string(sum));
  return sum;
}

std::size_t StoreMap::size() const {
  const std::lock_guard lock(mutex_);
  return values_.size();
}

Batch StoreMap::read(std::string_view from, std::string_view to, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  Batch batch;
  for (auto at = values_.lower_bound(from); at != values_.end(); ++at) {
    if (!to.empty() && at->first >= to) break;
    if (limit-- == 0) {
      batch.next = at->first;
      break;
    }
    batch.lines.append(at->first).append("=").append(at->second).append("\n");
  }
  return batch;
}

Answer<void> StoreMap::subscribe(Subscription subscription) {
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return open;
  subscriptions_.insert_or_assign(subscription.token, std::move(subscription));
  return {};
}

Answer<void> StoreMap::unsubscribe(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return open;
  if (subscriptions_.erase(token) == 1) return {};
  return refused(Why::kNotFound, "no subscription " + std::to_string(token));
}

std::vector<Subscription> StoreMap::subscribersOf(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  std::vector<Subscription> found;
  for (const auto& [token, subscription] : subscriptions_)
    if (key.starts_with(subscription.prefix)) found.push_back(subscription);
  return found;
}

std::size_t StoreMap::subscriptions() const {
  const std::lock_guard lock(mutex_);
  return subscriptions_.size();
}

Answer<void> StoreMap::setLoader(std::string_view prefix, std::uint64_t callback) {
  const std::lock_guard lock(mutex_);
  if (auto open = mayChange(); !open) return open;
  if (callback != 0)
    loaders_.insert_or_assign(std::string(prefix), callback);
  else if (const auto found = loaders_.find(prefix); found != loaders_.end())
    loaders_.erase(found);
  return {};
}

std::uint64_t StoreMap::loaderFor(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t loader = 0;
  // In order, a longer prefix of one key comes after a shorter one.
  for (const auto& [prefix, callback] : loaders_)
    if (key.starts_with(prefix)) loader = callback;
  return loader;
}

void StoreMap::forgetLoader(std::uint64_t callback) {
  const std::lock_guard lock(mutex_);
  std::erase_if(loaders_, [callback](const auto& each) { return each.second == callback; });
}

std::string StoreMap::seal() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
  std::string state(kHeader);
  for (const auto& [key, value] : values_) state += 'k', write(state, key), write(state, value);
  for (const auto& [token, each] : subscriptions_)
    state += 's', write(state, token), write(state, each.prefix), write(state, each.callback);
  for (const auto& [prefix, callback] : loaders_) state += 'l', write(state, prefix), write(state, callback);
  return state += 'e';
}

void StoreMap::unseal() {
  const std::lock_guard lock(mutex_);
  sealed_ = false;
}

bool StoreMap::isSealed() const {
  const std::lock_guard lock(mutex_);
  return sealed_;
}

Answer<void> StoreMap::restore(std::string_view state) {
  if (!state.starts_with(kHeader))
    return refused(Why::kInvalid, "not a state of the store, or of a later one");
  StateReader reader(state.substr(kHeader.size()));
  decltype(values_) values;
  decltype(subscriptions_) subscriptions;
  decltype(loaders_) loaders;
  for (char letter = reader.letter(); letter != 'e' && !reader.isBroken(); letter = reader.letter()) {
    if (letter == 'k') {
      std::string key = reader.text();
      values.insert_or_assign(values.end(), std::move(key), reader.text());
    } else if (letter == 's') {
      const std::uint64_t token = reader.number();
      std::string prefix = reader.text();
      subscriptions[token] = {token, std::move(prefix), reader.number()};
    } else if (letter == 'l') {
      std::string prefix = reader.text();
      loaders[std::move(prefix)] = reader.number();
    } else {
      return refused(Why::kInvalid, std::string("the state has a record '") + letter + "' that is not known");
    }
  }
  if (reader.isBroken() || !reader.isAtEnd())
    return refused(Why::kInvalid,
                   "the state of " + std::to_string(state.size()) + " bytes is cut or damaged");
  const std::lock_guard lock(mutex_);
  values_ = std::move(values);
  subscriptions_ = std::move(subscriptions);
  loaders_ = std::move(loaders);
  return {};
}

}  // namespace store
