// Services between plugins: provide an interface, enter another's through a Slot, lend objects by lease.
//
// An interface is a C struct of functions, each taking `void* self, const revenge_call*` first; its glue names
// it by a specialisation of InterfaceId. Everything here is safe from any thread unless said otherwise.
//
//   template <> inline constexpr const char* revenge::InterfaceId<acme_store> = "acme.store/1";
//   revenge::Slot<acme_store> store_ = host().services().require<acme_store>();
//   auto size = store_.call(request.call(), [&](const acme_store& table, void* self, const revenge_call* call,
//                           revenge_error* error) { return table.count(self, call, error); });
#pragma once

#include <memory>

#include <revenge/call.hpp>
#include <revenge/held.hpp>
#include <revenge/waiting.hpp>

namespace revenge {

// Specialise for each interface struct.
template <class Interface>
inline constexpr const char* InterfaceId = nullptr;

// A call in progress: the provider stays until its end. Neither copied nor moved; may end on any thread.
class Entry {
 public:
  explicit Entry(const Host& host) : host_(&host) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    if (entered_) host_->serviceTable().leave(host_->raw(), &raw_);
  }

  Status enter(const Call& call, revenge_handle slot) {
    boundary::ErrorText error;
    return settled(host_->serviceTable().enter(host_->raw(), call.raw(), slot, &raw_, &error), error);
  }
  Status enterLease(const Call& call, revenge_handle slot, revenge_handle lease) {
    boundary::ErrorText error;
    return settled(host_->serviceTable().lease_enter(host_->raw(), call.raw(), slot, lease, &raw_, &error),
                   error);
  }

  template <class Interface>
  const Interface& table() const {
    return *static_cast<const Interface*>(raw_.table);
  }
  void* self() const { return raw_.self; }
  // Pass this one on, not the caller's: it carries the depth.
  const revenge_call* call() const { return &raw_.call; }

 private:
  Status settled(revenge_status status, const revenge_error& error) {
    entered_ = status == REVENGE_OK;
    return boundary::status(status, &error);
  }

  const Host* host_;
  revenge_entry raw_ = boundary::sized<revenge_entry>();
  bool entered_ = false;
};

// A provider's object in the hands of this instance: a transaction, a cursor. Closing is its end.
class LeaseRegistration {
 public:
  LeaseRegistration() = default;
  LeaseRegistration(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  revenge_handle handle() const { return handle_; }
  void end() const { host_->serviceTable().lease_close(host_->raw(), handle_); }

 private:
  const Host* host_ = nullptr;
  revenge_handle handle_ = 0;
};
using Lease = Held<LeaseRegistration>;

// A function of this plugin that another may call through the host, by its handle.
class CallbackRegistration {
 public:
  CallbackRegistration() = default;
  CallbackRegistration(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  revenge_handle handle() const { return handle_; }
  void end() const { host_->serviceTable().callback_close(host_->raw(), handle_); }

 private:
  const Host* host_ = nullptr;
  revenge_handle handle_ = 0;
};
using Callback = Held<CallbackRegistration>;

// What a call through a slot came to, and whether anybody was asked.
template <class T>
struct Asked {
  Result<T> result;
  bool away = false;  // nobody was entered: there is no provider now, or it is held; the result says why
};

namespace detail {

template <class T>
inline constexpr bool IsResult = false;
template <class T>
inline constexpr bool IsResult<Result<T>> = true;

// `function(table, self, call, error)` answers revenge_status, a Result, or anything else, which is then the result.
template <class Interface, class Function>
auto callEntered(const Entry& entry, Function& function) {
  boundary::ErrorText error;
  using Answer =
      std::invoke_result_t<Function&, const Interface&, void*, const revenge_call*, revenge_error*>;
  const Interface& table = entry.table<Interface>();
  if constexpr (std::is_same_v<Answer, revenge_status>) {
    return boundary::status(function(table, entry.self(), entry.call(), &error), &error);
  } else if constexpr (IsResult<Answer>) {
    return function(table, entry.self(), entry.call(), &error);
  } else {
    return Result<Answer>(function(table, entry.self(), entry.call(), &error));
  }
}

}  // namespace detail

// The way to whoever provides Interface now. A value that borrows the Host.
template <class Interface>
class Slot {
 public:
  Slot(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}

  // `function(const Interface&, void* self, const revenge_call*, revenge_error*)` inside the provider.
  // kUnavailable: nobody provides it now. Test optional functions of the table before calling them.
  template <class Function>
  auto call(const Call& call, Function function) const {
    Entry entry(*host_);
    using Answer = decltype(detail::callEntered<Interface>(entry, function));
    if (Status entered = entry.enter(call, handle_); !entered)
      return Answer(std::unexpected(entered.error()));
    return detail::callEntered<Interface>(entry, function);
  }
  // The same, and whether there was anybody to answer: see absence.hpp. A call that fails before it enters for a reason of
  // this instance's own (it leaves, calls are nested too deep) finds nobody away.
  template <class Function>
  auto ask(const Call& call, Function function) const {
    Entry entry(*host_);
    using Value = typename decltype(detail::callEntered<Interface>(entry, function))::value_type;
    if (Status entered = entry.enter(call, handle_); !entered) {
      const bool away = entered.error().code == Errc::kUnavailable || entered.error().code == Errc::kBusy;
      return Asked<Value>{std::unexpected(std::move(entered.error())), away};
    }
    return Asked<Value>{detail::callEntered<Interface>(entry, function)};
  }
  // The same as call() inside the instance that issued the lease.
  template <class Function>
  auto call(const Call& call, const Lease& lease, Function function) const {
    Entry entry(*host_);
    using Answer = decltype(detail::callEntered<Interface>(entry, function));
    if (Status entered = entry.enterLease(call, handle_, lease->handle()); !entered)
      return Answer(std::unexpected(entered.error()));
    return detail::callEntered<Interface>(entry, function);
  }

  // For a function that takes a completion handle: `function(table, self, call, done, error)` answers
  // revenge_status, REVENGE_PENDING when the provider finishes `done` later. The result's bytes, if any.
  template <class Function>
  auto start(const Call& call, Function function) const {
    return startIn(call, 0, std::move(function));
  }
  // The same inside the instance that issued the lease.
  template <class Function>
  auto start(const Call& call, const Lease& lease, Function function) const {
    return startIn(call, lease->handle(), std::move(function));
  }

  revenge_handle handle() const { return handle_; }

 private:
  // Lease 0: whoever provides it now.
  template <class Function>
  auto startIn(const Call& call, revenge_handle lease, Function function) const {
    auto begin = [host = host_, slot = handle_, lease, call, function](
                     revenge_view&, const revenge_completion& done, revenge_error& error) mutable {
      return Slot::begin(*host, slot, lease, call, function, done, error);
    };
    auto finish = [](revenge_status, revenge_view result) {
      return Result<std::string>(boundary::text(result));
    };
    return Waiting(*host_, std::move(begin), finish);
  }

  template <class Function>
  static revenge_status begin(const Host& host, revenge_handle slot, revenge_handle lease, const Call& call,
                              Function& function, const revenge_completion& done, revenge_error& error) {
    // Once the provider has the completion, the frame that holds these arguments may be gone.
    const revenge_service& service = host.serviceTable();
    const revenge_host* raw = host.raw();
    Entry entry(host);
    const Status entered = lease == 0 ? entry.enter(call, slot) : entry.enterLease(call, slot, lease);
    if (!entered) return boundary::report(entered, &error);
    revenge_handle handle = 0;
    revenge_status status = service.completion_open(raw, entry.call(), &done, &handle, &error);
    if (status < 0) return status;
    Function own = std::move(function);
    status = own(entry.table<Interface>(), entry.self(), entry.call(), handle, &error);
    if (status != REVENGE_PENDING) service.completion_cancel(raw, handle);
    return status;
  }

  const Host* host_;
  revenge_handle handle_;
};

class Services {
 public:
  explicit Services(Host& host) : host_(&host) {}

  // Both must live as long as the plugin; visible to consumers when the instance is published.
  template <class Interface>
  void provide(const Interface& table, void* self) {
    static_assert(InterfaceId<Interface> != nullptr, "specialise revenge::InterfaceId for this interface");
    auto raw = boundary::sized<revenge_provision>();
    raw.interface_id = boundary::view(InterfaceId<Interface>);
    raw.table = &table;
    raw.self = self;
    revenge_handle handle = 0;
    boundary::ErrorText error;
    boundary::require(host_->serviceTable().provide(host_->raw(), &raw, &handle, &error), error,
                      std::string("providing ") + InterfaceId<Interface>);
  }
  // Succeeds also while nobody provides it.
  template <class Interface>
  Slot<Interface> require() {
    static_assert(InterfaceId<Interface> != nullptr, "specialise revenge::InterfaceId for this interface");
    revenge_handle slot = 0;
    boundary::ErrorText error;
    boundary::require(
        host_->serviceTable().require(host_->raw(), boundary::view(InterfaceId<Interface>), &slot, &error),
        error, std::string("requiring ") + InterfaceId<Interface>);
    return {*host_, slot};
  }

  // By a provider: lends `object` to the caller; it is destroyed when the lease ends.
  template <class Object>
  Result<revenge_handle> lend(const Call& call, std::unique_ptr<Object> object) {
    auto raw = boundary::sized<revenge_leased>();
    raw.object = object.get();
    raw.ended = [](void* ended) { delete static_cast<Object*>(ended); };
    revenge_handle lease = 0;
    boundary::ErrorText error;
    const revenge_status status =
        host_->serviceTable().lease_open(host_->raw(), call.raw(), &raw, &lease, &error);
    if (status < 0) return std::unexpected(boundary::failure(status, &error));
    static_cast<void>(object.release());
    return lease;
  }
  // By the provider: what it lent; null when the lease is not its own. Requires: it lent an Object.
  template <class Object>
  Object* lent(revenge_handle lease) const {
    return static_cast<Object*>(host_->serviceTable().lease_object(host_->raw(), lease));
  }
  // By the holder: ownership of a lease handle that a provider answered.
  Lease lease(revenge_handle handle) const { return LeaseRegistration(*host_, handle); }

  // A number never given before in this run.
  revenge_token token() const { return host_->serviceTable().token(host_->raw()); }

  // `function(const Call&, std::string_view argument)` returns Result<std::string>. It is destroyed when the callback has
  // ended and no call of it is in progress, perhaps on an I/O thread.
  template <class Function>
  CallbackRegistration callback(Function function);
  // Calls another plugin's callback; kGone when its owner has left.
  Result<std::string> invoke(const Call& call, revenge_handle callback, std::string_view argument) const {
    revenge_buffer result{};
    boundary::ErrorText error;
    const revenge_status status = host_->serviceTable().callback_call(
        host_->raw(), call.raw(), callback, boundary::view(argument), &result, &error);
    if (status < 0) return std::unexpected(boundary::failure(status, &error));
    return boundary::take(result);
  }

  // By a provider, before it answers REVENGE_PENDING; `cancelled()` runs when nobody waits any more, perhaps before
  // this returns, and is destroyed when the completion has ended. Throws Failure(kGone) when its consumer has closed it: then answer in place, as an exception does.
  template <class Cancelled>
  class Completion accept(revenge_handle completion, Cancelled cancelled);

 private:
  Host* host_;
};

namespace detail {

template <class Function>
struct CallbackHolder final : Scope::Member {
  explicit CallbackHolder(Host& owner, Function f) : host(owner), function(std::move(f)) {}

  static revenge_status call(void* context, const revenge_call* call, revenge_view argument,
                             revenge_buffer* result, revenge_error* error) noexcept {
    auto& self = *static_cast<CallbackHolder*>(context);
    return boundary::guarded(error, [&]() -> Status {
      Result<std::string> answer = self.function(Call(self.host, call), boundary::text(argument));
      if (!answer) return std::unexpected(std::move(answer.error()));
      if (result != nullptr) *result = boundary::give(std::move(*answer));
      return {};
    });
  }

  static void released(void* context) noexcept {
    auto& self = *static_cast<CallbackHolder*>(context);
    self.host.kept().end(self);
  }

  Host& host;
  Function function;
};

// Hands `function` to the host by `take(const revenge_function&, revenge_error*)`; kept until the host releases it, or the
// instance ends.
template <class Function, class Take>
void handOver(Host& host, Function function, const std::string& what, Take take) {
  using Holder = CallbackHolder<Function>;
  auto& holder = host.kept().adopt(std::make_unique<Holder>(host, std::move(function)));
  auto raw = boundary::sized<revenge_function>();
  raw.context = &holder;
  raw.call = &Holder::call;
  raw.released = &Holder::released;
  boundary::ErrorText error;
  const revenge_status status = take(raw, &error);
  if (status < 0) host.kept().end(holder);
  boundary::require(status, error, what);
}

}  // namespace detail

// A consumer's wait that this provider has taken on. Dropped unfinished it completes with kFailed.
class Completion {
 public:
  Completion(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  Completion(Completion&& other) noexcept : host_(other.host_), handle_(std::exchange(other.handle_, 0)) {}
  Completion& operator=(Completion&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Completion() {
    if (handle_ == 0) return;
    const Result<std::string> dropped = fail(Errc::kFailed, "the provider dropped the completion");
    static_cast<void>(finish(dropped));  // nobody waits any more: then there is nobody to tell
  }

  // False: nobody waits any more. For interfaces whose failures have a result too: bytes and error are copied.
  bool finish(revenge_status status, std::string_view bytes, const revenge_error& error) {
    return host_->serviceTable().completion_finish(host_->raw(), std::exchange(handle_, 0), status,
                                                   boundary::view(bytes), &error) == REVENGE_OK;
  }
  // kGone: nobody waits any more.
  Status finish(const Result<std::string>& result) {
    boundary::ErrorText error;
    const revenge_status status = boundary::report(result, &error);
    const revenge_view bytes = result ? boundary::view(*result) : revenge_view{};
    return boundary::status(host_->serviceTable().completion_finish(host_->raw(), std::exchange(handle_, 0),
                                                                    status, bytes, &error),
                            nullptr);
  }

 private:
  const Host* host_;
  revenge_handle handle_;
};

template <class Function>
CallbackRegistration Services::callback(Function function) {
  revenge_handle handle = 0;
  detail::handOver(*host_, std::move(function), "callback",
                   [&](const revenge_function& raw, revenge_error* error) {
                     return host_->serviceTable().callback_open(host_->raw(), &raw, &handle, error);
                   });
  return {*host_, handle};
}

template <class Cancelled>
Completion Services::accept(revenge_handle completion, Cancelled cancelled) {
  auto function = [cancelled = std::move(cancelled)](const Call&, std::string_view) mutable {
    cancelled();
    return Result<std::string>();
  };
  detail::handOver(*host_, std::move(function), "accepting a completion",
                   [&](const revenge_function& raw, revenge_error* error) {
                     return host_->serviceTable().completion_accept(host_->raw(), completion, &raw, error);
                   });
  return {*host_, completion};
}

inline Services Host::services() { return Services(*this); }

}  // namespace revenge
