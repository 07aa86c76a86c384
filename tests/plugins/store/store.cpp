// The provider of test.store/1: StoreMap at the boundary.
//
// GET /store/info answers {"version", "size", "sealed", "subscriptions", "waiting", "accepted", "leases"}; "accepted" are the
// waits whose function for being cancelled is still kept. What waits for a key is no state: it ends
// with "gone" when the instance stops. A save seals; resume, and a start after a failed exclusive swap, open again.
#include "store.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <variant>

#include <revenge/plugin.hpp>

#include "directory_lock.hpp"
#include "package.hpp"
#include "store_map.hpp"

namespace store {

using revenge::Call;
using revenge::Completion;
using revenge::Errc;
using revenge::Error;
using revenge::Result;
using revenge::Status;
namespace boundary = revenge::boundary;

struct Config {
  std::size_t fill_kib = 0;
};
REVENGE_CONFIG(Config, fill_kib)

constexpr std::size_t kBatchLines = 64;

Error told(Refused refused) {
  switch (refused.why) {
    case Why::kInvalid:
      return {Errc::kInvalid, std::move(refused.text)};
    case Why::kNotFound:
      return {Errc::kNotFound, std::move(refused.text)};
    case Why::kLimit:
      return {Errc::kLimit, std::move(refused.text)};
    case Why::kSealed:
      return {Errc::kUnavailable, std::move(refused.text)};
  }
  return {Errc::kFailed, std::move(refused.text)};
}
template <class T>
Result<T> told(Answer<T> answer) {
  if (!answer) return std::unexpected(told(std::move(answer.error())));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*answer);
}

// What is put stays here until commit.
struct Transaction {
  StoreMap::Values values;
  bool committed = false;
};

// Shared: a job may still read for it when its lease has ended.
class Cursor {
 public:
  Cursor(std::string_view from, std::string_view to) : next_(from), to_(to) {}

  // The first batch is, and the end; what is between is left to a job.
  bool isAnsweredInPlace() const {
    const std::lock_guard lock(mutex_);
    return isFirst_ || isAtEnd_;
  }
  std::string readOn(const StoreMap& map) {
    const std::lock_guard lock(mutex_);
    isFirst_ = false;
    if (isAtEnd_) return {};
    Batch batch = map.read(next_, to_, kBatchLines);
    next_ = std::move(batch.next);
    isAtEnd_ = next_.empty();
    return std::move(batch.lines);
  }

 private:
  mutable std::mutex mutex_;
  std::string next_;
  std::string to_;
  bool isFirst_ = true;
  bool isAtEnd_ = false;
};
using SharedCursor = std::shared_ptr<Cursor>;

// What a lease stands for; counts itself.
struct Lent {
  Lent(std::variant<Transaction, SharedCursor> what, std::atomic<int>& alive)
      : object(std::move(what)), count(alive) {
    ++count;
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() { --count; }

  std::variant<Transaction, SharedCursor> object;
  std::atomic<int>& count;
};

// Those who wait for a key to exist. Thread safe; completions are finished outside the lock.
class WaitingList {
 public:
  void add(revenge::Services services, std::string_view key, revenge_handle done) {
    const std::uint64_t id = reserve(key);
    std::optional<Completion> accepted;
    try {
      accepted = services.accept(done, [this, id, kept = accepted_] { std::ignore = take(id); });
    } catch (const revenge::Failure&) {
      std::ignore = take(id);
      throw;
    }
    const std::lock_guard lock(mutex_);
    // It may be cancelled before it has its place.
    const auto place = waiting_.find(id);
    if (place != waiting_.end()) place->second.done = std::move(accepted);
  }
  void finish(std::string_view key, const std::string& value) {
    finishThose(value, [key](const Waiter& each) { return each.key == key; });
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  long accepted() const { return accepted_.use_count() - 1; }
  void finishAll(const Error& error) {
    finishThose(std::unexpected(error), [](const Waiter&) { return true; });
  }

 private:
  struct Waiter {
    std::string key;
    std::optional<Completion> done{};
  };
  using Waiters = std::map<std::uint64_t, Waiter>;

  std::uint64_t reserve(std::string_view key) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(++last_, Waiter{std::string(key)});
    return last_;
  }
  Waiters::node_type take(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    return waiting_.extract(id);
  }
  template <class Matches>
  void finishThose(const Result<std::string>& result, Matches matches) {
    std::vector<Waiters::node_type> ended;
    {
      const std::lock_guard lock(mutex_);
      for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto here = at++;
        if (here->second.done && matches(here->second)) ended.push_back(waiting_.extract(here));
      }
    }
    for (auto& each : ended)
      std::ignore = each.mapped().done->finish(result);  // nobody waits: nobody to tell
  }

  const std::shared_ptr<int> accepted_ = std::make_shared<int>();
  mutable std::mutex mutex_;
  Waiters waiting_;
  std::uint64_t last_ = 0;
};

class Store : public revenge::Plugin<Config> {
 public:
  explicit Store(revenge::Host& host) {
    if (package().failsIn == Phase::kCreate) {
      // Left to the host, which must not call it: it is gone with this.
      host.services().callback([](const Call&, std::string_view) { return Result<std::string>(); });
      failIn(Phase::kCreate);
    }
    host.http().get("/store/info", [this](const revenge::Request&) { return revenge::json(info()); });
    if (package().failsIn == Phase::kPublish)
      host.http().get("/store/info", [](const revenge::Request&) { return revenge::text("twice"); });
    host.services().provide(kTable, this);
  }

  Status start() override {
    failIn(Phase::kStart);
    if (package().owns == Owns::kFolder)
      if (auto taken = folder_.take(host().paths().state()); !taken)
        return revenge::fail(Errc::kBusy, taken.error());
    map_.unseal();
    if (!hasContent_) fill();
    hasContent_ = true;
    return {};
  }
  Status stop() override {
    waiting_.finishAll(Error(Errc::kGone, "the store has stopped"));
    folder_.release();
    return {};
  }
  Status health() override {
    failIn(Phase::kHealth);
    return {};
  }
  Result<std::string> save() override {
    failIn(Phase::kSave);
    std::string state = map_.seal();
    std::this_thread::sleep_for(package().saveTakes);
    return state;
  }
  void resume() override { map_.unseal(); }
  Status restore(std::string_view state, std::string_view) override {
    failIn(Phase::kRestore);
    hasContent_ = true;
    return told(map_.restore(state));
  }

  // The interface, function by function.

  Call callOf(const revenge_call* call) const { return {host(), call}; }

  Status put(const Call& call, std::string_view key, std::string_view value) {
    if (Status put = told(map_.put(key, value)); !put) return put;
    tell(call, key, std::string(value));
    return {};
  }
  Result<std::string> get(const Call& call, std::string_view key) {
    if (auto value = map_.get(key)) return *std::move(value);
    if (const std::uint64_t loader = map_.loaderFor(key); loader != 0) {
      Result<std::string> loaded = host().services().invoke(call, loader, key);
      if (loaded || loaded.error().code != Errc::kGone) return loaded;
      map_.forgetLoader(loader);
    }
    return revenge::fail(Errc::kNotFound, "no key '" + std::string(key) + "'");
  }
  Status remove(const Call& call, std::string_view key) {
    if (Status removed = told(map_.remove(key)); !removed) return removed;
    tell(call, key, std::nullopt);
    return {};
  }
  Result<std::int64_t> add(const Call& call, std::string_view key, std::int64_t delta) {
    Result<std::int64_t> sum = told(map_.add(key, delta));
    if (sum) tell(call, key, std::to_string(*sum));
    return sum;
  }

  std::size_t count() const { return map_.size(); }

  Result<revenge_handle> begin(const Call& call) { return lend(call, Transaction()); }
  Status transactionPut(revenge_handle lease, std::string_view key, std::string_view value) {
    transaction(lease).values.insert_or_assign(std::string(key), std::string(value));
    return {};
  }
  Result<std::string> transactionGet(const Call& call, revenge_handle lease, std::string_view key) {
    const StoreMap::Values& own = transaction(lease).values;
    const auto found = own.find(key);
    return found == own.end() ? get(call, key) : found->second;
  }
  Status commit(const Call& call, revenge_handle lease) {
    Transaction& transaction = this->transaction(lease);
    if (Status put = told(map_.putAll(transaction.values)); !put) return put;
    transaction.committed = true;
    for (const auto& [key, value] : transaction.values) tell(call, key, value);
    return {};
  }

  Result<revenge_token> subscribe(std::string_view prefix, revenge_handle callback) {
    const revenge_token token = host().services().token();
    if (Status added = told(map_.subscribe({token, std::string(prefix), callback})); !added)
      return std::unexpected(std::move(added.error()));
    return token;
  }
  Status unsubscribe(revenge_token token) { return told(map_.unsubscribe(token)); }
  Status setLoader(std::string_view prefix, revenge_handle callback) {
    return told(map_.setLoader(prefix, callback));
  }

  Result<revenge_handle> scanOpen(const Call& call, std::string_view from, std::string_view to) {
    return lend(call, std::make_shared<Cursor>(from, to));
  }
  revenge_status scanNext(const Call& call, revenge_handle lease, revenge_buffer& batch,
                          revenge_handle done) {
    auto* held = std::get_if<SharedCursor>(&lent(lease).object);
    if (held == nullptr) throw revenge::Failure(Errc::kInvalid, "the lease is no cursor");
    SharedCursor cursor = *held;
    if (cursor->isAnsweredInPlace()) {
      batch = boundary::give(cursor->readOn(map_));
      return REVENGE_OK;
    }
    auto accepted = std::make_shared<Completion>(host().services().accept(done, [] {}));
    const auto finish = [this, cursor, accepted] { std::ignore = accepted->finish(cursor->readOn(map_)); };
    // Without room in the queue, here: a wait needs no free worker.
    if (!host().timers().submit(call, finish)) finish();
    return REVENGE_PENDING;
  }

  revenge_status waitFor(std::string_view key, revenge_buffer& value, revenge_handle done) {
    if (auto found = map_.get(key)) {
      value = boundary::give(std::move(*found));
      return REVENGE_OK;
    }
    waiting_.add(host().services(), key, done);
    // It may have come between the two.
    if (const auto found = map_.get(key)) waiting_.finish(key, *found);
    return REVENGE_PENDING;
  }

 private:
  static const test_store kTable;

  static void failIn(Phase phase) {
    if (package().failsIn == phase)
      throw revenge::Failure(Errc::kFailed, "this package fails here, as it was built to");
  }

  void fill() {
    const std::string value(1024, 'x');
    StoreMap::Values values;
    for (std::size_t i = 0; i < config().fill_kib; ++i) values["fill/" + std::to_string(i)] = value;
    revenge::orThrow(told(map_.putAll(values)));
  }

  std::string info() const {
    return "{\"version\": \"" + std::string(package().version) +
           "\", \"size\": " + std::to_string(map_.size()) +
           ", \"sealed\": " + (map_.isSealed() ? "true" : "false") +
           ", \"subscriptions\": " + std::to_string(map_.subscriptions()) +
           ", \"waiting\": " + std::to_string(waiting_.size()) +
           ", \"accepted\": " + std::to_string(waiting_.accepted()) +
           ", \"leases\": " + std::to_string(lent_) + "}";
  }

  // To subscribers, whatever they make of it, and to those who wait for the key.
  void tell(const Call& call, std::string_view key, const std::optional<std::string>& value) {
    const std::string change = std::string(key) + (value ? "=" + *value : "");
    for (const Subscription& each : map_.subscribersOf(key)) {
      const Result<std::string> heard = host().services().invoke(call, each.callback, change);
      if (!heard && heard.error().code == Errc::kGone) std::ignore = map_.unsubscribe(each.token);
    }
    if (value) waiting_.finish(key, *value);
  }

  Result<revenge_handle> lend(const Call& call, std::variant<Transaction, SharedCursor> object) {
    return host().services().lend(call, std::make_unique<Lent>(std::move(object), lent_));
  }
  Lent& lent(revenge_handle lease) {
    Lent* object = host().services().lent<Lent>(lease);
    if (object == nullptr)
      throw revenge::Failure(Errc::kGone, "the lease has ended, or is another instance's");
    return *object;
  }
  Transaction& transaction(revenge_handle lease) {
    auto* transaction = std::get_if<Transaction>(&lent(lease).object);
    if (transaction == nullptr) throw revenge::Failure(Errc::kInvalid, "the lease is no transaction");
    if (transaction->committed) throw revenge::Failure(Errc::kInvalid, "the transaction is committed");
    return *transaction;
  }

  StoreMap map_;
  WaitingList waiting_;
  DirectoryLock folder_;
  std::atomic<int> lent_ = 0;
  bool hasContent_ = false;  // lifecycle calls alone
};

// The functions of the interface: views in, errors out.
namespace table {

std::string_view text(revenge_view view) { return boundary::text(view); }
Store& of(void* self) { return *static_cast<Store*>(self); }

// What `function()` answers goes into *out.
template <class Out, class Function>
revenge_status into(Out* out, revenge_error* error, Function function) {
  return boundary::guarded(error, [&]() -> Status {
    auto answered = function();
    if (!answered) return std::unexpected(std::move(answered.error()));
    if constexpr (std::is_same_v<Out, revenge_buffer>)
      *out = boundary::give(std::move(*answered));
    else
      *out = *answered;
    return {};
  });
}

revenge_status put(void* self, const revenge_call* call, revenge_view key, revenge_view value,
                   revenge_error* error) {
  return boundary::guarded(error,
                           [&] { return of(self).put(of(self).callOf(call), text(key), text(value)); });
}
revenge_status get(void* self, const revenge_call* call, revenge_view key, revenge_buffer* value,
                   revenge_error* error) {
  return into(value, error, [&] { return of(self).get(of(self).callOf(call), text(key)); });
}
revenge_status remove(void* self, const revenge_call* call, revenge_view key, revenge_error* error) {
  return boundary::guarded(error, [&] { return of(self).remove(of(self).callOf(call), text(key)); });
}
revenge_status add(void* self, const revenge_call* call, revenge_view key, std::int64_t delta,
                   std::int64_t* value, revenge_error* error) {
  return into(value, error, [&] { return of(self).add(of(self).callOf(call), text(key), delta); });
}
revenge_status count(void* self, const revenge_call*, std::uint64_t* keys, revenge_error*) {
  *keys = of(self).count();
  return REVENGE_OK;
}
revenge_status begin(void* self, const revenge_call* call, revenge_handle* transaction,
                     revenge_error* error) {
  return into(transaction, error, [&] { return of(self).begin(of(self).callOf(call)); });
}
revenge_status transactionPut(void* self, const revenge_call*, revenge_handle transaction, revenge_view key,
                              revenge_view value, revenge_error* error) {
  return boundary::guarded(error,
                           [&] { return of(self).transactionPut(transaction, text(key), text(value)); });
}
revenge_status transactionGet(void* self, const revenge_call* call, revenge_handle transaction,
                              revenge_view key, revenge_buffer* value, revenge_error* error) {
  return into(value, error,
              [&] { return of(self).transactionGet(of(self).callOf(call), transaction, text(key)); });
}
revenge_status commit(void* self, const revenge_call* call, revenge_handle transaction,
                      revenge_error* error) {
  return boundary::guarded(error, [&] { return of(self).commit(of(self).callOf(call), transaction); });
}
revenge_status subscribe(void* self, const revenge_call*, revenge_view prefix, revenge_handle callback,
                         revenge_token* token, revenge_error* error) {
  return into(token, error, [&] { return of(self).subscribe(text(prefix), callback); });
}
revenge_status unsubscribe(void* self, const revenge_call*, revenge_token token, revenge_error* error) {
  return boundary::guarded(error, [&] { return of(self).unsubscribe(token); });
}
revenge_status setLoader(void* self, const revenge_call*, revenge_view prefix, revenge_handle callback,
                         revenge_error* error) {
  return boundary::guarded(error, [&] { return of(self).setLoader(text(prefix), callback); });
}
revenge_status scanOpen(void* self, const revenge_call* call, revenge_view from, revenge_view to,
                        revenge_handle* cursor, revenge_error* error) {
  return into(cursor, error, [&] { return of(self).scanOpen(of(self).callOf(call), text(from), text(to)); });
}
revenge_status scanNext(void* self, const revenge_call* call, revenge_handle cursor, revenge_buffer* batch,
                        revenge_handle done, revenge_error* error) {
  return boundary::guarded(error,
                           [&] { return of(self).scanNext(of(self).callOf(call), cursor, *batch, done); });
}
revenge_status waitFor(void* self, const revenge_call*, revenge_view key, revenge_buffer* value,
                       revenge_handle done, revenge_error* error) {
  return boundary::guarded(error, [&] { return of(self).waitFor(text(key), *value, done); });
}

}  // namespace table

constinit const test_store Store::kTable = {sizeof(test_store),
                                            0,
                                            table::put,
                                            table::get,
                                            table::remove,
                                            table::add,
                                            table::count,
                                            table::begin,
                                            table::transactionPut,
                                            table::transactionGet,
                                            table::commit,
                                            table::subscribe,
                                            table::unsubscribe,
                                            table::setLoader,
                                            table::scanOpen,
                                            table::scanNext,
                                            table::waitFor};

revenge_status create(const revenge_host_api* api, const revenge_call* call, const revenge_config* config,
                      revenge_instance* instance, revenge_error* error) noexcept {
  return revenge::detail::Boundary<Store>::create(api, call, config, instance, error);
}

}  // namespace store
