// The services of the fake host: provisions, slots, leases, callbacks and completions, all in one process and
// without generations. A test may provide an interface itself, to stand in for another plugin.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <revenge/service.hpp>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

class FakeServices {
 public:
  struct Provision {
    const Seat* seat;
    const void* table;
    void* self;
  };
  struct LeaseRecord {
    Provision issuer;
    revenge_leased leased;
  };
  // Released by the last who has it: the fake, or a call in progress.
  struct Function {
    explicit Function(const revenge_function& given) : raw(given) {}
    Function(const Function&) = delete;
    Function& operator=(const Function&) = delete;
    void forget() { raw.released = nullptr; }
    ~Function() {
      if (REVENGE_HAS(&raw, revenge_function, released) && raw.released != nullptr) raw.released(raw.context);
    }
    revenge_function raw;
  };
  struct Callback {
    const Seat* seat;
    std::shared_ptr<Function> function;
  };
  struct Wait {
    const Seat* seat;
    revenge_completion completion;
    const Seat* provider = nullptr;  // null: not accepted
    std::shared_ptr<Function> cancelled{};
  };

  void provide(const Seat* seat, const std::string& id, const void* table, void* self) {
    const std::lock_guard lock(mutex_);
    provisions_[id] = {seat, table, self};
  }
  revenge_handle require(const std::string& id) {
    const std::lock_guard lock(mutex_);
    slots_.push_back(id);
    return slots_.size();
  }
  revenge_status enter(const revenge_call& call, revenge_handle slot, revenge_entry& entry) {
    const std::lock_guard lock(mutex_);
    if (slot == 0 || slot > slots_.size()) return REVENGE_GONE;
    const auto provision = provisions_.find(slots_[slot - 1]);
    if (provision == provisions_.end()) return REVENGE_UNAVAILABLE;
    return fill(entry, call, provision->second);
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --entered_;
  }
  int entered() const {
    const std::lock_guard lock(mutex_);
    return entered_;
  }

  // The issuer is told by `seat`: the fake knows who calls, not through which interface.
  revenge_handle lend(const Seat& seat, const revenge_leased& leased) {
    const std::lock_guard lock(mutex_);
    Provision issuer{&seat, nullptr, nullptr};
    for (const auto& [id, provision] : provisions_)
      if (provision.seat == &seat) issuer = provision;
    leases_[++last_] = {issuer, leased};
    return last_;
  }
  revenge_status enterLease(const revenge_call& call, revenge_handle lease, revenge_entry& entry) {
    const std::lock_guard lock(mutex_);
    const auto known = leases_.find(lease);
    if (known == leases_.end()) return REVENGE_GONE;
    return fill(entry, call, known->second.issuer);
  }
  void* lent(const Seat& seat, revenge_handle lease) const {
    const std::lock_guard lock(mutex_);
    const auto known = leases_.find(lease);
    return known == leases_.end() || known->second.issuer.seat != &seat ? nullptr
                                                                        : known->second.leased.object;
  }
  revenge_status endLease(revenge_handle lease) {
    const auto ended = takeFrom(leases_, lease);
    if (!ended) return REVENGE_GONE;
    ended->leased.ended(ended->leased.object);
    return REVENGE_OK;
  }
  std::size_t leases() const {
    const std::lock_guard lock(mutex_);
    return leases_.size();
  }

  revenge_token token() {
    const std::lock_guard lock(mutex_);
    return ++last_;
  }

  revenge_handle openCallback(const Seat& seat, const revenge_function& function) {
    const std::lock_guard lock(mutex_);
    callbacks_[++last_] = {&seat, std::make_shared<Function>(function)};
    return last_;
  }
  revenge_status call(const revenge_call& call, revenge_handle callback, revenge_view argument,
                      revenge_buffer* result, revenge_error* error) {
    std::shared_ptr<Function> function;
    {
      const std::lock_guard lock(mutex_);
      if (callbacks_.contains(callback)) function = callbacks_[callback].function;
    }
    if (function == nullptr) return REVENGE_GONE;
    return function->raw.call(function->raw.context, &call, argument, result, error);
  }
  revenge_status closeCallback(revenge_handle callback) {
    return takeFrom(callbacks_, callback) ? REVENGE_OK : REVENGE_GONE;
  }
  std::size_t callbacks() const {
    const std::lock_guard lock(mutex_);
    return callbacks_.size();
  }

  revenge_handle openWait(const Seat& seat, const revenge_completion& completion) {
    const std::lock_guard lock(mutex_);
    waits_[++last_] = {&seat, completion};
    return last_;
  }
  revenge_status accept(const Seat& seat, revenge_handle wait, const revenge_function* cancelled) {
    const std::lock_guard lock(mutex_);
    const auto known = waits_.find(wait);
    if (known == waits_.end() || known->second.provider != nullptr) return REVENGE_GONE;
    known->second.provider = &seat;
    if (cancelled != nullptr) known->second.cancelled = std::make_shared<Function>(*cancelled);
    return REVENGE_OK;
  }
  revenge_status finish(revenge_handle wait, revenge_status status, revenge_view result,
                        const revenge_error* error) {
    const auto ended = takeFrom(waits_, wait);
    if (!ended) return REVENGE_GONE;
    ended->completion.complete(ended->completion.context, status, result, error);
    return REVENGE_OK;
  }
  revenge_status cancel(revenge_handle wait) {
    const auto ended = takeFrom(waits_, wait);
    if (!ended) return REVENGE_GONE;
    if (ended->provider == nullptr) return REVENGE_OK;  // answered in place: nobody waits
    ended->completion.complete(ended->completion.context, REVENGE_CANCELLED, {}, nullptr);
    const auto nobody = boundary::sized<revenge_call>();
    if (ended->cancelled != nullptr && ended->cancelled->raw.call != nullptr)
      ended->cancelled->raw.call(ended->cancelled->raw.context, &nobody, {}, nullptr, nullptr);
    return REVENGE_OK;
  }
  std::size_t waits() const {
    const std::lock_guard lock(mutex_);
    return waits_.size();
  }

  // Completes what the instance waits for, and ends what it lent.
  void cancelAll(const Seat& seat) {
    for (const revenge_handle wait : those(waits_, [&](const Wait& each) { return each.seat == &seat; }))
      cancel(wait);
    for (const revenge_handle lease :
         those(leases_, [&](const LeaseRecord& each) { return each.issuer.seat == &seat; }))
      endLease(lease);
  }
  // Of an instance whose create has failed: nothing of it runs.
  void forget(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    for (auto& [handle, callback] : callbacks_)
      if (callback.seat == &seat) callback.function->forget();
    std::erase_if(waits_, [&](const auto& each) { return each.second.seat == &seat; });
    for (auto& [handle, wait] : waits_)
      if (wait.provider == &seat && wait.cancelled != nullptr) wait.cancelled->forget();
  }
  void withdraw(const Seat& seat) {
    for (const revenge_handle wait : those(waits_, [&](const Wait& each) { return each.provider == &seat; }))
      finish(wait, REVENGE_GONE, {}, nullptr);
    for (const revenge_handle callback :
         those(callbacks_, [&](const Callback& each) { return each.seat == &seat; }))
      closeCallback(callback);
    const std::lock_guard lock(mutex_);
    std::erase_if(provisions_, [&](const auto& each) { return each.second.seat == &seat; });
  }

 private:
  revenge_status fill(revenge_entry& entry, const revenge_call& call, const Provision& provision) {
    ++entered_;
    entry.table = provision.table;
    entry.self = provision.self;
    entry.call = call;
    ++entry.call.depth;
    return REVENGE_OK;
  }
  template <class Map>
  std::optional<typename Map::mapped_type> takeFrom(Map& map, revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    auto node = map.extract(handle);
    if (node.empty()) return std::nullopt;
    return node.mapped();
  }
  template <class Map, class Matches>
  std::vector<revenge_handle> those(const Map& map, Matches matches) const {
    const std::lock_guard lock(mutex_);
    std::vector<revenge_handle> handles;
    for (const auto& [handle, record] : map)
      if (matches(record)) handles.push_back(handle);
    return handles;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Provision> provisions_;
  std::vector<std::string> slots_;
  std::map<revenge_handle, LeaseRecord> leases_;
  std::map<revenge_handle, Callback> callbacks_;
  std::map<revenge_handle, Wait> waits_;
  revenge_handle last_ = kBeforeHandles;
  int entered_ = 0;
};

}  // namespace revenge::testing
