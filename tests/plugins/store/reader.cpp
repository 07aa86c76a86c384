// A consumer of test.store/1 in C++: a route for every form of a service. Each answer says which version gave it.
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include <revenge/plugin.hpp>

#include "store.hpp"

namespace reader {

using revenge::Call;
using revenge::Errc;
using revenge::Error;
using revenge::Lease;
using revenge::Request;
using revenge::Responder;
using revenge::Response;
using revenge::Result;
using revenge::Status;
using revenge::Task;
using revenge::boundary::view;

Response answer(const Error& error) {
  switch (error.code) {
    case Errc::kGone:
      return revenge::text("gone: " + error.message).withStatus(410);
    case Errc::kCancelled:
      return revenge::text("cancelled: " + error.message).withStatus(503);
    case Errc::kBusy:
      return revenge::text(error.message).withStatus(503);
    default:
      return revenge::failed(error);
  }
}
Response answer(const Result<std::string>& result) {
  return result ? revenge::text(*result) : answer(result.error());
}
Response answer(const Status& status) { return status ? revenge::text("ok") : answer(status.error()); }

std::string_view query(const Request& request, std::string_view name) {
  return request.query(name).value_or("");
}
Result<std::int64_t> number(const Request& request, std::string_view name) {
  const std::string text(query(request, name));
  char* end = nullptr;
  const std::int64_t value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0')
    return revenge::fail(Errc::kInvalid, std::string(name) + ": expected a number, got '" + text + "'");
  return value;
}

// What a function of the store answers in a buffer, taken before the store is left.
template <class Function>
auto taking(std::string& bytes, Function function) {
  return [&bytes, function](const test_store& store, void* self, const revenge_call* call, auto... last) {
    revenge_buffer buffer{};
    const revenge_status status = function(store, self, call, &buffer, last...);
    if (status == REVENGE_OK) bytes = revenge::boundary::take(buffer);
    return status;
  };
}

// An answer to give when the store says so, from whatever thread.
struct Waiter {
  Responder responder;

  static void complete(void* context, revenge_status status, revenge_view result,
                       const revenge_error* error) {
    const std::unique_ptr<Waiter> waiter(static_cast<Waiter*>(context));
    waiter->answer(status, revenge::boundary::text(result), error);
  }
  void answer(revenge_status status, std::string_view result, const revenge_error* error) {
    if (status < 0)
      std::ignore = responder.send(reader::answer(revenge::boundary::failure(status, error)));
    else
      std::ignore = responder.send(revenge::text(std::string(result)));
  }
};

// The status a completion came with. Whoever tells holds the lock meanwhile: the object cannot end beneath it.
class Ended {
 public:
  static void complete(void* context, revenge_status status, revenge_view, const revenge_error*) {
    auto& self = *static_cast<Ended*>(context);
    const std::lock_guard lock(self.mutex_);
    self.status_ = status;
    self.told_.notify_one();
  }
  revenge_status await() {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [this] { return status_.has_value(); });
    return *status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::optional<revenge_status> status_;
};

class Reader : public revenge::Plugin<> {
 public:
  explicit Reader(revenge::Host& host) : store_(host.services().require<test_store>()) {
    host.http().before("x-reader",
                       [](const Request& request) -> Result<std::optional<Response>> {
                         if (Status added = request.addHeader("x-reader", "reader/" REVENGE_PLUGIN_VERSION);
                             !added)
                           return std::unexpected(std::move(added.error()));
                         return std::nullopt;
                       },
                       {.prefix = "/reader"});
    serve("put", &Reader::put);
    serve("get", &Reader::get);
    serve("get-or", &Reader::getOr);
    serve("get-last", &Reader::getLast);
    serve("remove", &Reader::remove);
    serve("add", &Reader::add);
    serve("transaction", &Reader::transaction);
    serve("hold", &Reader::hold);
    serve("subscribe", &Reader::subscribe);
    serve("unsubscribe", &Reader::unsubscribe);
    serve("events", &Reader::events);
    serve("loader", &Reader::loader);
    serve("wait-blocking", &Reader::waitBlocking);
    serve("wait-thread", &Reader::waitOnThread);
    serve("cancel", &Reader::cancel);
    serve("churn", &Reader::churn);
    host.http().get("/reader/wait", [this](const Request& request) { return wait(request); });
    host.http().get("/reader/wait-callback", [this](const Request& request, Responder responder) {
      waitByCallback(request, std::move(responder));
    });
    host.http().get("/reader/scan", [this](const Request& request, Responder responder) {
      scan(request, std::move(responder));
    });
  }

  // A store that is not there yet is no reason to fail.
  Status start() override {
    Status put = putNow(host().call(), "reader/started", REVENGE_PLUGIN_VERSION);
    const bool later = !put && (put.error().code == Errc::kUnavailable || put.error().code == Errc::kBusy);
    return later ? Status() : put;
  }

 private:
  void serve(const std::string& name, Response (Reader::*handler)(const Request&)) {
    host().http().get("/reader/" + name,
                      [this, handler](const Request& request) { return (this->*handler)(request); });
  }

  // Plain calls.

  Status putNow(const Call& call, std::string_view key, std::string_view value) {
    return store_.call(
        call, [&](const test_store& store, void* self, const revenge_call* entered, revenge_error* error) {
          return store.put(self, entered, view(key), view(value), error);
        });
  }
  Response put(const Request& request) {
    return answer(putNow(request.call(), query(request, "key"), query(request, "value")));
  }
  Response get(const Request& request) {
    std::string value;
    const Status got = store_.call(
        request.call(), taking(value, [&](const test_store& store, void* self, const revenge_call* call,
                                          revenge_buffer* buffer, revenge_error* error) {
          return store.get(self, call, view(query(request, "key")), buffer, error);
        }));
    return got ? revenge::text(value) : answer(got);
  }

  // While the store is away: `otherwise`, and the last good answer, which says so.

  revenge::Asked<std::string> askFor(const Request& request) {
    return store_.ask(request.call(),
                      [&](const test_store& store, void* self, const revenge_call* call,
                          revenge_error* error) -> Result<std::string> {
                        revenge_buffer value{};
                        const revenge_status status =
                            store.get(self, call, view(query(request, "key")), &value, error);
                        if (status < 0) return std::unexpected(revenge::boundary::failure(status, error));
                        return revenge::boundary::take(value);
                      });
  }
  Response getOr(const Request& request) {
    return answer(revenge::bypass(askFor(request), std::string(query(request, "otherwise"))));
  }
  Response getLast(const Request& request) {
    const auto last = last_.settle(std::string(query(request, "key")), askFor(request));
    if (!last) return answer(last.error());
    return revenge::text(last->value).withHeader("x-stale", last->stale ? "yes" : "no");
  }

  Response remove(const Request& request) {
    return answer(store_.call(request.call(), [&](const test_store& store, void* self,
                                                  const revenge_call* call, revenge_error* error) {
      return store.remove(self, call, view(query(request, "key")), error);
    }));
  }
  Response add(const Request& request) {
    const Result<std::int64_t> by = number(request, "by");
    if (!by) return answer(by.error());
    std::int64_t sum = 0;
    const Status added = store_.call(request.call(), [&](const test_store& store, void* self,
                                                         const revenge_call* call, revenge_error* error) {
      return store.add(self, call, view(query(request, "key")), *by, &sum, error);
    });
    return added ? revenge::text(std::to_string(sum)) : answer(added);
  }

  // Leases.

  template <class Open>
  Result<Lease> lease(const Call& call, Open open) {
    revenge_handle handle = 0;
    const Status opened =
        store_.call(call, [&](const test_store& store, void* self, const revenge_call* entered,
                              revenge_error* error) { return open(store, self, entered, &handle, error); });
    if (!opened) return std::unexpected(opened.error());
    return host().services().lease(handle);
  }
  Result<Lease> begin(const Call& call) {
    return lease(call,
                 [](const test_store& store, void* self, const revenge_call* entered, revenge_handle* handle,
                    revenge_error* error) { return store.begin(self, entered, handle, error); });
  }
  // Puts keys "a" and "b"; answers what the transaction itself reads of them. `rollback`: without a commit.
  // `hold_ms`: so long between the two and the commit.
  Response transaction(const Request& request) {
    const Call call = request.call();
    const Result<Lease> transaction = begin(call);
    if (!transaction) return answer(transaction.error());
    std::string read;
    for (const std::string_view key : {"a", "b"}) {
      const Status put = store_.call(
          call, *transaction,
          [&](const test_store& store, void* self, const revenge_call* entered, revenge_error* error) {
            return store.transaction_put(self, entered, (*transaction)->handle(), view(key),
                                         view(query(request, key)), error);
          });
      if (!put) return answer(put);
      std::string value;
      const Status got = store_.call(
          call, *transaction,
          taking(value, [&](const test_store& store, void* self, const revenge_call* entered,
                            revenge_buffer* buffer, revenge_error* error) {
            return store.transaction_get(self, entered, (*transaction)->handle(), view(key), buffer, error);
          }));
      if (!got) return answer(got);
      read.append(key).append("=").append(value).append("\n");
    }
    if (const auto pause = number(request, "hold_ms"))
      std::this_thread::sleep_for(std::chrono::milliseconds(*pause));
    if (request.query("rollback")) return revenge::text(read);
    const Status committed = store_.call(
        call, *transaction,
        [&](const test_store& store, void* self, const revenge_call* entered, revenge_error* error) {
          return store.commit(self, entered, (*transaction)->handle(), error);
        });
    return committed ? revenge::text(read) : answer(committed);
  }
  // Stays inside the store.
  Response hold(const Request& request) {
    const Result<std::int64_t> ms = number(request, "ms");
    if (!ms) return answer(ms.error());
    const Result<Lease> transaction = begin(request.call());
    if (!transaction) return answer(transaction.error());
    return answer(store_.call(request.call(), *transaction,
                              [&](const test_store&, void*, const revenge_call*, revenge_error*) {
                                std::this_thread::sleep_for(std::chrono::milliseconds(*ms));
                                return revenge_status{REVENGE_OK};
                              }));
  }
  // Blocking, batch by batch, with an answer of which nobody knows the end.
  void scan(const Request& request, Responder responder) {
    const Result<Lease> cursor =
        lease(request.call(), [&](const test_store& store, void* self, const revenge_call* call,
                                  revenge_handle* handle, revenge_error* error) {
          return store.scan_open(self, call, view(query(request, "from")), view(query(request, "to")), handle,
                                 error);
        });
    if (!cursor) return std::ignore = responder.send(answer(cursor.error())), void();
    Result<revenge::Stream> stream = responder.stream(revenge::text(""));
    if (!stream) return;
    for (;;) {
      const Result<std::string> batch = nextOf(*cursor);
      if (!batch) return host().log().warn("scan", {{"why", batch.error().message}});
      if (batch->empty()) return stream->close();
      if (!stream->write(*batch).wait()) return;
    }
  }
  Result<std::string> nextOf(const Lease& cursor) {
    std::string here;
    const auto next = [lease = cursor->handle()](const test_store& store, void* self,
                                                 const revenge_call* call, revenge_buffer* batch,
                                                 revenge_handle done, revenge_error* error) {
      return store.scan_next(self, call, lease, batch, done, error);
    };
    Result<std::string> later = store_.start(host().call(), cursor, taking(here, next)).wait();
    return later && later->empty() ? here : later;
  }

  // Callbacks.

  Response subscribe(const Request& request) {
    revenge::Callback heard = host().services().callback([this](const Call&, std::string_view change) {
      const std::lock_guard lock(mutex_);
      events_.append(change).append("\n");
      return Result<std::string>();
    });
    revenge_token token = 0;
    const Status subscribed = store_.call(
        request.call(),
        [&](const test_store& store, void* self, const revenge_call* call, revenge_error* error) {
          return store.subscribe(self, call, view(query(request, "prefix")), heard->handle(), &token, error);
        });
    if (!subscribed) return answer(subscribed);
    const std::lock_guard lock(mutex_);
    subscriptions_[token] = std::move(heard);
    return revenge::text(std::to_string(token));
  }
  Response unsubscribe(const Request& request) {
    const Result<std::int64_t> token = number(request, "token");
    if (!token) return answer(token.error());
    const Status ended = store_.call(request.call(), [&](const test_store& store, void* self,
                                                         const revenge_call* call, revenge_error* error) {
      return store.unsubscribe(self, call, static_cast<revenge_token>(*token), error);
    });
    revenge::Callback closed;
    const std::lock_guard lock(mutex_);
    if (ended)
      if (auto known = subscriptions_.extract(static_cast<revenge_token>(*token)))
        closed = std::move(known.mapped());
    return answer(ended);
  }
  Response events(const Request&) {
    const std::lock_guard lock(mutex_);
    return revenge::text(events_);
  }
  Response loader(const Request& request) {
    revenge::Callback loads = host().services().callback(
        [](const Call&, std::string_view key) { return Result<std::string>("loaded:" + std::string(key)); });
    const Status set = store_.call(request.call(), [&](const test_store& store, void* self,
                                                       const revenge_call* call, revenge_error* error) {
      return store.set_loader(self, call, view(query(request, "prefix")), loads->handle(), error);
    });
    const std::lock_guard lock(mutex_);
    if (set) loaders_.push_back(std::move(loads));
    return answer(set);
  }

  // Completions: by co_await, blocking, and by hand. A value that is there already comes in `here`.

  auto waitFor(const Call& call, std::string_view key, std::string& here) {
    return store_.start(call,
                        taking(here, [key](const test_store& store, void* self, const revenge_call* entered,
                                           revenge_buffer* value, revenge_handle done, revenge_error* error) {
                          return store.wait_for(self, entered, view(key), value, done, error);
                        }));
  }
  Task<Response> wait(const Request& request) {
    std::string here;
    const Result<std::string> later = co_await waitFor(request.call(), query(request, "key"), here);
    co_return answer(later && later->empty() ? here : later);
  }
  Response waitBlocking(const Request& request) {
    const Result<std::int64_t> timeout = number(request, "timeout_ms");
    if (!timeout) return answer(timeout.error());
    const revenge::NearerCall nearer(host(), request.call(),
                                     host().clock().now() + std::chrono::milliseconds(*timeout));
    std::string here;
    const Result<std::string> later = waitFor(nearer, query(request, "key"), here).wait();
    return answer(later && later->empty() ? here : later);
  }
  // For a key that never comes, on a thread that nobody asks for its answer.
  Response waitOnThread(const Request&) {
    host().spawn().thread("waits", [this](const revenge::StopToken&) {
      std::string here;
      std::ignore = waitFor(host().call(), "reader/never", here).wait();
    });
    return revenge::text("ok");
  }
  // REVENGE_PENDING: `done` will be told, and *handle cancels it; or the value, or why not, here.
  revenge_status beginWait(const Call& call, std::string_view key, const revenge_completion& done,
                           revenge_handle& handle, std::string& here, revenge_error& error) {
    revenge::Entry entry(host());
    if (const Status entered = entry.enter(call, store_.handle()); !entered)
      return revenge::boundary::report(entered, &error);
    const revenge_service& service = host().serviceTable();
    revenge_status status = service.completion_open(host().raw(), entry.call(), &done, &handle, &error);
    if (status < 0) return status;
    revenge_buffer value{};
    status =
        entry.table<test_store>().wait_for(entry.self(), entry.call(), view(key), &value, handle, &error);
    if (status != REVENGE_PENDING) service.completion_cancel(host().raw(), handle);
    if (status == REVENGE_OK) here = revenge::boundary::take(value);
    return status;
  }
  void waitByCallback(const Request& request, Responder responder) {
    const Call call = request.call();
    const std::string key(query(request, "key"));
    auto waiter = std::make_unique<Waiter>(Waiter{std::move(responder)});
    auto done = revenge::boundary::sized<revenge_completion>();
    done.context = waiter.get();
    done.complete = &Waiter::complete;
    revenge_handle handle = 0;
    std::string here;
    revenge::boundary::ErrorText error;
    const revenge_status status = beginWait(call, key, done, handle, here, error);
    if (status == REVENGE_PENDING)
      std::ignore = waiter.release();
    else
      waiter->answer(status, here, &error);
  }
  // Waits for a key that never comes, and gives up at once.
  Response cancel(const Request& request) {
    const Result<revenge_status> ended = giveUp(request.call());
    return ended ? revenge::text(std::to_string(*ended)) : answer(ended.error());
  }
  Result<revenge_status> giveUp(const Call& call) {
    Ended ended;
    auto done = revenge::boundary::sized<revenge_completion>();
    done.context = &ended;
    done.complete = &Ended::complete;
    revenge_handle handle = 0;
    std::string here;
    revenge::boundary::ErrorText error;
    const revenge_status status = beginWait(call, "reader/never", done, handle, here, error);
    if (status != REVENGE_PENDING) return std::unexpected(revenge::boundary::failure(status, &error));
    host().serviceTable().completion_cancel(host().raw(), handle);
    return ended.await();
  }
  // `times` a loader that comes, loads and goes, and a wait that is given up; answers how many loaders are still kept.
  Response churn(const Request& request) {
    const Result<std::int64_t> times = number(request, "times");
    if (!times) return answer(times.error());
    const auto kept = std::make_shared<int>();
    for (std::int64_t i = 0; i < *times; ++i) {
      const revenge::Callback loads = host().services().callback(
          [kept](const Call&, std::string_view key) { return Result<std::string>(std::string(key)); });
      std::ignore = host().services().invoke(request.call(), loads->handle(), "x");
      if (const auto ended = giveUp(request.call()); !ended) return answer(ended.error());
    }
    return revenge::text(std::to_string(kept.use_count() - 1));
  }

  revenge::Slot<test_store> store_;
  revenge::LastGood<std::string, std::string> last_{100};
  std::mutex mutex_;
  std::string events_;
  std::map<revenge_token, revenge::Callback> subscriptions_;
  std::vector<revenge::Callback> loaders_;
};

}  // namespace reader

REVENGE_PLUGIN(reader::Reader)
