#include "flags/flags.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace revenge::flags {
namespace {

std::uint64_t nextStore() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::string shown(const Flag& flag, const Variant& variant) {
  if (flag.type == Type::kBoolean) return variant.boolean ? "true" : "false";
  if (flag.type == Type::kString || flag.type == Type::kObject) return variant.text;
  return fmt::format("{}", variant.number);
}

void countServed(const Flag* flag, const Outcome& outcome) {
  if (flag == nullptr) return;
  (outcome.variant != nullptr ? outcome.variant->served : flag->fallbacks).add();
}

}  // namespace

struct Flags::Subscriber {
  std::mutex mutex;
  std::function<void(const Change&)> changed;  // guarded by mutex; empty: ended
};

// The snapshots this thread keeps, one for each store it has asked. Trivially reached through `mine`.
struct Flags::Keeps {
  struct Keep {
    std::uint64_t store;
    std::weak_ptr<const char> alive;
    std::shared_ptr<const Published> published;
  };

  ~Keeps() { mine = {}; }

  const Published& keep(const Flags& flags, std::shared_ptr<const Published> published) {
    std::erase_if(all, [&](const Keep& each) { return each.store == flags.store_ || each.alive.expired(); });
    all.push_back({flags.store_, flags.alive_, std::move(published)});
    return *all.back().published;
  }

  std::vector<Keep> all;
};

Flags::Subscription& Flags::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(subscriber_, other.subscriber_);
  return *this;
}

Flags::Subscription::~Subscription() {
  if (subscriber_ == nullptr) return;
  const std::lock_guard lock(subscriber_->mutex);
  subscriber_->changed = nullptr;
}

Flags::Flags(const base::Clock& clock, observe::Metrics& metrics)
    : store_(nextStore()),
      clock_(clock),
      metrics_(metrics),
      alive_(std::make_shared<const char>()),
      published_(std::make_shared<const Published>()) {}

Flags::~Flags() = default;

const Flags::Published& Flags::refresh() {
  thread_local Keeps keeps;
  const std::lock_guard lock(mutex_);
  const Published& kept = keeps.keep(*this, published_);
  mine = {store_, generation_.load(std::memory_order_relaxed), &kept};
  return kept;
}

Change Flags::publish(Definitions definitions, std::string_view who) {
  const std::lock_guard publishing(publishing_);
  count(definitions);
  auto next = std::make_shared<Published>();
  next->definitions = std::move(definitions);
  const std::shared_ptr<const Published> before = published();
  Change changed = change(before->definitions, next->definitions);
  const bool is_first = generation() == 0;
  turned_ = clock_.wall();
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : changed.keys) {
      if (!is_first) authors_.insert_or_assign(key, Author{std::string(who), turned_});
    }
    for (const Flag& flag : next->definitions.flags) {
      const auto index = static_cast<std::size_t>(idLocked(flag.key));
      if (index >= next->by_id.size()) next->by_id.resize(index + 1);
      const bool is_one_for_all = flag.type == Type::kBoolean && flag.is_constant;
      next->by_id[index] = {&flag, is_one_for_all ? &flag.variants[*flag.standard] : nullptr};
    }
    published_ = std::move(next);
    changed.generation = generation_.load(std::memory_order_relaxed) + 1;
    generation_.store(changed.generation, std::memory_order_release);
  }
  if (!changed.keys.empty()) tell(changed);
  return changed;
}

// Series continue from one snapshot to the next; those of flags that are gone disappear. What the bank of cells has no
// room for is served uncounted.
void Flags::count(Definitions& definitions) {
  observe::MetricScope scope = metrics_.hostScope();
  const auto counter = [&](const std::string& flag, std::string_view variant) {
    return scope
        .counter({"revenge_flag_served_total",
                  "Evaluations of each flag by the variant served; none: the default of whoever asked.",
                  {{"flag", flag}, {"variant", variant}}})
        .value_or(observe::Counter());
  };
  for (Flag& flag : definitions.flags) {
    flag.fallbacks = counter(flag.key, "");
    for (Variant& variant : flag.variants) variant.served = counter(flag.key, variant.name);
  }
  series_.emplace(std::move(scope));
}

std::shared_ptr<const Flags::Published> Flags::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

Change Flags::change(const Definitions& before, const Definitions& next) {
  Change changed;
  for (const Flag& flag : next.flags) {
    const Flag* was = before.find(flag.key);
    if (was == nullptr || was->definition_hash != flag.definition_hash) changed.keys.push_back(flag.key);
  }
  for (const Flag& flag : before.flags) {
    if (next.find(flag.key) == nullptr) changed.keys.push_back(flag.key);
  }
  std::ranges::sort(changed.keys);
  for (const std::string& key : changed.keys) {
    changed.before.push_back(viewOf(before.find(key), key));
    changed.after.push_back(viewOf(next.find(key), key));
  }
  return changed;
}

Change Flags::turn() {
  const std::lock_guard publishing(publishing_);
  const std::shared_ptr<const Published> now = published();
  const base::WallTime until = clock_.wall();
  Change changed{generation(), turned(now->definitions, turned_, until), {}, {}};
  for (const std::string& key : changed.keys) {
    const Flag* const flag = now->definitions.find(key);
    changed.before.push_back(flags::view(*flag, turned_));
    changed.after.push_back(flags::view(*flag, until));
  }
  turned_ = until;
  if (!changed.keys.empty()) tell(changed);
  return changed;
}

FlagView Flags::viewOf(const Flag* flag, std::string_view key) const {
  FlagView told;
  told.key = key;
  if (flag == nullptr) return told;
  told = flags::view(*flag, clock_.wall());
  const std::lock_guard lock(mutex_);
  if (const auto author = authors_.find(key); author != authors_.end()) told.author = author->second;
  return told;
}

// "config/flags.yaml:7, changed by alice 12:01:05"
std::string Flags::placeOf(const Definitions& definitions, const Flag& flag) const {
  std::string place = fmt::format("{}:{}", definitions.file, flag.line);
  const std::lock_guard lock(mutex_);
  const auto author = authors_.find(flag.key);
  if (author == authors_.end()) return place;
  return fmt::format("{}, changed by {} {}", place, author->second.who,
                     timeOfDay(author->second.at, clock_.wall()));
}

void Flags::tell(const Change& change) {
  std::vector<std::shared_ptr<Subscriber>> told;
  {
    const std::lock_guard lock(mutex_);
    told = subscribers_;
  }
  std::vector<std::shared_ptr<Subscriber>> ended;
  for (const auto& subscriber : told) {
    const std::lock_guard lock(subscriber->mutex);
    if (subscriber->changed) {
      subscriber->changed(change);
    } else {
      ended.push_back(subscriber);
    }
  }
  const std::lock_guard lock(mutex_);
  for (const auto& subscriber : ended) std::erase(subscribers_, subscriber);
}

Flags::Subscription Flags::subscribe(std::function<void(const Change&)> changed) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->changed = std::move(changed);
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(subscriber);
  return Subscription(std::move(subscriber));
}

base::Result<FlagId> Flags::id(std::string_view key) {
  if (key.empty() || key.size() > kMaxName)
    return base::fail(base::Errc::kInvalid, "expected the key of a flag, of at most {} bytes", kMaxName);
  const std::lock_guard lock(mutex_);
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (ids_.size() >= kMaxKeys)
    return base::fail(base::Errc::kLimit, "{} different flags have been asked for", ids_.size());
  return idLocked(key);
}

FlagId Flags::idLocked(std::string_view key) {
  const auto [at, isNew] = ids_.try_emplace(std::string(key), static_cast<FlagId>(names_.size()));
  if (isNew) names_.emplace_back(at->first);
  return at->second;
}

bool Flags::isAskedFor(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(key);
}

std::optional<std::string> Flags::key(FlagId id) const {
  const std::lock_guard lock(mutex_);
  const auto index = static_cast<std::size_t>(id);
  return index < names_.size() ? std::optional<std::string>(names_[index]) : std::nullopt;
}

bool Flags::enabled(FlagId id, const Context& context, bool fallback) {
  const Published& now = current();
  const auto [flag, everybody] = find(now, id);
  if (everybody != nullptr) {
    everybody->served.add();
    return everybody->boolean;
  }
  if (flag == nullptr || flag->type != Type::kBoolean) return fallback;
  const Outcome outcome = flags::evaluate(now.definitions, flag, context, clock_);
  countServed(flag, outcome);
  return outcome.variant != nullptr ? outcome.variant->boolean : fallback;
}

Outcome Flags::evaluate(FlagId id, Type wanted, const Context& context) {
  const Published& now = current();
  const Flag* flag = find(now, id).flag;
  const Outcome outcome = evaluateAs(wanted, now.definitions, flag, context, clock_);
  countServed(flag, outcome);
  return outcome;
}

Explanation Flags::explain(std::string_view key, const Context& context) {
  const Definitions& definitions = current().definitions;
  const Flag* flag = definitions.find(key);
  const Outcome outcome = flags::evaluate(definitions, flag, context, clock_);
  Explanation told;
  told.reason = outcome.reason;
  told.fault = outcome.fault;
  told.rule = outcome.rule;
  if (flag == nullptr) return told;
  told.is_known = true;
  told.type = flag->type;
  told.owner = flag->owner;
  told.remove_when = flag->remove_when;
  told.line = flag->line;
  if (outcome.variant != nullptr) {
    told.variant = outcome.variant->name;
    told.value = shown(*flag, *outcome.variant);
  }
  if (outcome.prerequisite != nullptr) told.prerequisite = outcome.prerequisite->flag;
  if (const auto place = flags::placeOf(*flag, context)) told.bucket = *place * 100.0 / kEverybody;
  return told;
}

bool Flags::couldServe(std::string_view key) {
  const Definitions& definitions = current().definitions;
  return flags::couldServe(definitions, definitions.find(key), clock_.wall());
}

std::optional<Closed> Flags::closed(std::string_view key) {
  const std::shared_ptr<const Published> now = published();
  const Flag* const flag = now->definitions.find(key);
  auto why = flags::closed(now->definitions, flag, clock_.wall());
  if (why) why->why += fmt::format(" ({})", placeOf(now->definitions, *flag));
  return why;
}

bool Flags::asksWho(FlagId id) {
  const Published& now = current();
  const Flag* flag = find(now, id).flag;
  if (flag == nullptr || flag->is_constant) return false;
  return flags::asksWho(now.definitions, *flag, clock_.wall());
}

std::optional<FlagView> Flags::view(std::string_view key) {
  const std::shared_ptr<const Published> now = published();
  const Flag* const flag = now->definitions.find(key);
  if (flag == nullptr) return std::nullopt;
  return viewOf(flag, key);
}

std::vector<FlagView> Flags::views() {
  const std::shared_ptr<const Published> now = published();
  std::vector<FlagView> views;
  for (const Flag& flag : now->definitions.flags) views.push_back(viewOf(&flag, flag.key));
  return views;
}

std::optional<base::WallTime> Flags::nextChange() {
  return flags::nextChange(current().definitions, clock_.wall());
}

std::string Flags::file() { return published()->definitions.file; }

}  // namespace revenge::flags
