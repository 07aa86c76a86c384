// The flags in force. One immutable snapshot is replaced by one store; an evaluation works with one snapshot from its
// beginning to its end. Each thread keeps the snapshot it used last, so that reading costs one load; a thread that
// evaluates nothing keeps an old one at most until it does or ends. Thread safety: every function from any thread.
// Owned by app, outlives every plugin.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "flags/closed.hpp"
#include "flags/evaluate.hpp"
#include "flags/flag_view.hpp"
#include "observe/metrics.hpp"

namespace revenge::flags {

// A key, looked up once: valid for ever, also for a flag that is defined later, or never.
enum class FlagId : std::uint32_t {};

struct Change {
  std::uint64_t generation = 0;
  std::vector<std::string> keys;  // of flags that were defined, removed, or now mean something else
  std::vector<FlagView> before;   // of keys, in their order; of one that was not defined: its key alone
  std::vector<FlagView> after;
};

// Why a flag says what it says, with nothing borrowed.
struct Explanation {
  bool is_known = false;
  Type type = Type::kBoolean;
  std::string variant;  // empty: the caller's default
  std::string value;    // as text; object: JSON
  Reason reason = Reason::kError;
  Fault fault = Fault::kFlagNotFound;
  std::int32_t rule = -1;
  std::string prerequisite;
  std::string owner;
  std::string remove_when;
  std::uint32_t line = 0;
  std::optional<double>
      bucket;  // where the user stands among all, in percent; nothing: the flag has no split for them
};

class Flags {
  struct Subscriber;

 public:
  static constexpr std::size_t kMaxKeys = 65'536;

  // Destroying it ends the calls: none runs afterwards, one that runs is waited for. Not from within the call.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    friend class Flags;
    explicit Subscription(std::shared_ptr<Subscriber> subscriber) : subscriber_(std::move(subscriber)) {}
    std::shared_ptr<Subscriber> subscriber_;  // shared with a publish that is calling it
  };

  // Both outlive it. Until the first publish no flag is defined.
  Flags(const base::Clock& clock, observe::Metrics& metrics);
  ~Flags();
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;

  // Puts the definitions in force, then calls the subscribers on this thread. Says what changed; nothing: nobody was
  // called. `who` changed them, as `why` shows it: "alice", "an edit of the file".
  Change publish(Definitions definitions, std::string_view who = {});
  // Tells the subscribers of those that a schedule has turned since the last call or publish. To be called when
  // nextChange() has come.
  Change turn();

  // After each publish that changed something, in their order, no lock of this class held that evaluating needs.
  Subscription subscribe(std::function<void(const Change&)> changed);

  // kInvalid: no key; kLimit: kMaxKeys different keys have been asked for.
  base::Result<FlagId> id(std::string_view key);

  // Whether anybody has asked for it, defined or not.
  bool isAskedFor(std::string_view key) const;

  // The key behind an id; nothing for one that id() did not give.
  std::optional<std::string> key(FlagId id) const;

  // True or false as the flag says, else `fallback`. Counted. Allocates nothing.
  bool enabled(FlagId id, const Context& context, bool fallback);
  // Counted. What it points to is valid until the next call of this thread.
  Outcome evaluate(FlagId id, Type wanted, const Context& context);

  // Not counted.
  Explanation explain(std::string_view key, const Context& context);
  // What there is to tell of one flag, or of all in order; of one that is not defined nothing.
  std::optional<FlagView> view(std::string_view key);
  std::vector<FlagView> views();
  // Whether a plugin or route gated by it may be wanted by anybody now.
  bool couldServe(std::string_view key);
  // The same in words: "flag 'database' is off (config/flags.yaml:7, changed by alice 12:01:05)"; nothing: it could.
  std::optional<Closed> closed(std::string_view key);
  // Whether it matters who asks; false of a flag that is not defined. Allocates nothing.
  bool asksWho(FlagId id);
  // When that may change next without a publish.
  std::optional<base::WallTime> nextChange();
  // Where they stand, as messages name it; empty: nowhere yet.
  std::string file();
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    const Flag* flag = nullptr;  // null: not defined
    const Variant* everybody =
        nullptr;  // what all get of a boolean flag that asks nobody who they are; else null
  };
  struct Published {
    Definitions definitions;
    std::vector<Entry> by_id;  // an id beyond the end is not defined
  };
  struct Mine {  // trivial, so that reading it costs no initialisation check
    std::uint64_t store;
    std::uint64_t generation;
    const Published* published;
  };
  struct Keeps;
  static constinit inline thread_local Mine mine{};

  const Published& current() {
    if (mine.store == store_ && mine.generation == generation_.load(std::memory_order_acquire)) [[likely]]
      return *mine.published;
    return refresh();
  }
  static Entry find(const Published& published, FlagId id) {
    const auto index = static_cast<std::size_t>(id);
    return index < published.by_id.size() ? published.by_id[index] : Entry();
  }
  [[gnu::noinline, gnu::cold]] const Published& refresh();
  void count(Definitions& definitions);
  Change change(const Definitions& before, const Definitions& next);
  FlagView viewOf(const Flag* flag, std::string_view key) const;
  std::string placeOf(const Definitions& definitions, const Flag& flag) const;
  std::shared_ptr<const Published> published() const;
  void tell(const Change& change);
  FlagId idLocked(std::string_view key);  // REQUIRES mutex_

  const std::uint64_t store_;  // never used twice, so that what a thread keeps is not taken for another's
  const base::Clock& clock_;
  observe::Metrics& metrics_;
  const std::shared_ptr<const char> alive_;  // shared with nobody: threads see by it that this has ended
  std::atomic<std::uint64_t> generation_{0};

  std::mutex publishing_;                       // one publish at a time, calls of subscribers included
  base::WallTime turned_;                       // until then schedules are told; guarded by publishing_
  std::optional<observe::MetricScope> series_;  // of the flags in force; guarded by publishing_

  mutable std::mutex mutex_;
  std::map<std::string, FlagId, std::less<>> ids_;  // guarded by mutex_; never shrinks
  std::vector<std::string_view> names_;             // keys of ids_ by id; guarded by mutex_
  std::shared_ptr<const Published> published_;      // guarded by mutex_; shared with threads that use it
  std::vector<std::shared_ptr<Subscriber>> subscribers_;  // guarded by mutex_
  std::map<std::string, Author, std::less<>> authors_;    // of those changed in this run; guarded by mutex_
};

}  // namespace revenge::flags
