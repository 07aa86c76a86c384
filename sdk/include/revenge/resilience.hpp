// Resilience: calls that may fail, made under a pipeline of whoever provides revenge.resilience/1, which plugin.json names
// under requires, best with "optional": true. The operator configures what the pipeline does; the call stays here.
//
//   revenge::Resilience resilience_{host()};                                     // a member, made once
//   auto page = resilience_.run(call, {.pipeline = "blackbeard", .repeatable = true}, [&](const Call& attempt) {
//     return fetch(attempt, url); }, [&](const Error&) { return cached(url); });   // Result<Page>; made again as told
//   auto page = co_await resilience_.start(call, {.pipeline = "blackbeard"}, [&](const Call& attempt) -> Task<Result<Page>> {
//     co_return co_await fetch(attempt, url); });
//   resilience_.launch<Page>(call, {.pipeline = "blackbeard"}, [&](const Call& attempt, ResilientAnswer<Page> answer) {
//     fetch(attempt, url, std::move(answer)); }, [](Result<Page> page) { ... });
//
// The attempt's call carries its deadline: pass it on (http_waits.hpp, to another server). A second argument, a
// ResilientAttempt&, takes what the attempt knows beside its result, such as Retry-After. A refusal is the error of the result,
// kUnavailable, kLimit or kTimedOut; where an attempt was made, its own error is the result; when to ask again, and what is left
// of a rate, stands in a ResilienceReport.
//
// The last argument, if any, is the fallback: a value, or a function of the error (of start() also one that answers a Task). It
// answers where the pipeline has a layer `fallback`, and where a call without any policies has failed.
//
// Without a provider, or a pipeline of that name, the call is made plainly, once, and counted: hand `health` to host().health()
// to have that seen. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <revenge/resilient_call.hpp>
#include <revenge/service.hpp>
#include <revenge/timers.hpp>

namespace revenge {

template <>
inline constexpr const char* InterfaceId<revenge_resilience> = REVENGE_RESILIENCE_ID;

class Resilience {
  using Permit = revenge_resilience_permit;
  struct Answer {
    Permit permit = boundary::sized<Permit>();
    bool is_away = false;  // nobody was there to ask
  };

  static void tell(const Permit& permit, ResilienceReport& report) {
    report.attempts = permit.attempts;
    // What a fallback stood in for is told when it is asked.
    if (!report.is_fallback || permit.refused_by != REVENGE_RESILIENCE_NO_POLICY) {
      report.refused_by = permit.refused_by;
      report.retry_after = std::chrono::nanoseconds(permit.retry_after_ns);
    }
    if (permit.limit == 0) return;  // as it was told before
    report.limit = permit.limit;
    report.remaining = permit.remaining;
    report.reset = std::chrono::nanoseconds(permit.reset_ns);
  }

  // What comes back, with a failure too.
  struct Finish {
    Result<Answer> operator()(revenge_status, revenge_view result) const {
      Answer given{.is_away = answer->is_away};
      read(result, given.permit);
      return given;
    }
    void failed(revenge_view result) const {
      auto permit = boundary::sized<Permit>();
      read(result, permit);
    }
    // The view may be of `answer` itself, and lives as long.
    void read(revenge_view result, Permit& permit) const {
      if (result.size < sizeof permit) return;
      std::memcpy(&permit, result.data, sizeof permit);
      tell(permit, *report);
    }

    std::shared_ptr<Answer> answer;  // shared: by the two halves of one wait
    ResilienceReport* report;
  };

  // Always by a completion, on threads that block too: so the provider may be replaced meanwhile.
  template <class Function>
  auto asked(const Call& call, Function function, ResilienceReport& report) const {
    auto answer = std::make_shared<Answer>();
    auto begin = [host = &host_, slot = slot_.handle(), call, function, answer](
                     revenge_view& result, const revenge_completion& done, revenge_error& error) mutable {
      const revenge_service& service = host->serviceTable();
      const revenge_host* const raw = host->raw();
      Entry entry(*host);
      if (const Status entered = entry.enter(call, slot); !entered) {
        answer->is_away = entered.error().code == Errc::kUnavailable;
        return answer->is_away ? revenge_status{REVENGE_OK} : boundary::report(entered, &error);
      }
      revenge_handle handle = 0;
      revenge_status status = service.completion_open(raw, entry.call(), &done, &handle, &error);
      if (status < 0) return status;
      // The frame that holds these may be gone once the provider has the completion.
      const std::shared_ptr<Answer> own = std::move(answer);
      Function asks = std::move(function);
      status =
          asks(entry.table<revenge_resilience>(), entry.self(), entry.call(), handle, own->permit, &error);
      if (status == REVENGE_PENDING) return status;
      service.completion_cancel(raw, handle);
      result = {reinterpret_cast<const char*>(&own->permit), sizeof own->permit};
      return status;
    };
    return Waiting(host_, std::move(begin), Finish{answer, &report});
  }

  auto acquire(const Call& call, const ResilientCall& how, bool has_fallback,
               ResilienceReport& report) const {
    auto function = [how, has_fallback](const revenge_resilience& table, void* self,
                                        const revenge_call* inner, revenge_handle done, Permit& permit,
                                        revenge_error* error) {
      auto request = boundary::sized<revenge_resilience_request>();
      if (how.repeatable) request.flags |= REVENGE_RESILIENCE_REPEATABLE;
      if (has_fallback) request.flags |= REVENGE_RESILIENCE_FALLBACK;
      request.pipeline = boundary::view(how.pipeline);
      request.key = boundary::view(how.key);
      request.priority = how.priority;
      request.permits = how.permits;
      return table.acquire(self, inner, &request, done, &permit, error);
    };
    return asked(call, function, report);
  }
  auto settle(const Call& call, std::uint64_t token, const revenge_resilience_outcome& outcome,
              ResilienceReport& report) const {
    auto function = [token, outcome](const revenge_resilience& table, void* self, const revenge_call* inner,
                                     revenge_handle done, Permit& permit, revenge_error* error) {
      return table.settle(self, inner, token, &outcome, done, &permit, error);
    };
    return asked(call, function, report);
  }

 public:
  explicit Resilience(Host& host) : host_(host), slot_(host.services().require<revenge_resilience>()) {}
  Resilience(const Resilience&) = delete;
  Resilience& operator=(const Resilience&) = delete;

  // `attempt(const Call&)` answers Result<T>; blocks for the waits of the pipeline: not on I/O threads.
  template <class Attempt, class Fallback = detail::NoFallback>
  auto run(const Call& call, const ResilientCall& how, Attempt attempt, Fallback fallback = {})
      -> detail::Attempted<Attempt> {
    using Value = detail::Attempted<Attempt>;
    ResilienceReport unread;
    ResilienceReport& report = fresh(how, unread);
    for (int asks = 1;; ++asks) {
      Result<Answer> permit = acquire(call, how, kIsFallback<Fallback>, report).wait();
      if (isPlain(permit, report)) {
        ResilientAttempt note(++report.attempts);
        Value value = detail::callAttempt(attempt, call, note);
        if (needsFallback<Fallback>(value, how, report)) return answer<Value>(fallback, value.error());
        return value;
      }
      if (!permit && mayAskAgain(permit.error(), asks)) continue;
      if (!permit) return std::unexpected(std::move(permit.error()));
      Error last = refusal(permit->permit);
      for (;;) {
        Unsettled unsettled(*this, permit->permit.token);
        const NearerCall nearer(host_, call, deadlineOf(*permit));
        ResilientAttempt note(permit->permit.attempts);
        report.is_fallback = permit->permit.is_fallback;
        Value value = report.is_fallback ? answer<Value>(fallback, last)
                                         : detail::callAttempt(attempt, static_cast<Call>(nearer), note);
        const std::uint64_t token = unsettled.take();
        const revenge_resilience_outcome outcome = outcomeOf(value, how.judge, note);
        permit = settle(call, token, outcome, report).wait();
        if (wasNotTaken(permit)) giveBack(token, outcome);
        if (report.retry_after == std::chrono::nanoseconds(0)) report.retry_after = note.retry_after_;
        // Whatever it says of the run: the attempt's own word is more, unless there is another attempt.
        if (!permit || permit->permit.token == 0) return value;
        if (!value) last = std::move(value.error());
      }
    }
  }

  // The same without a thread: `attempt(const Call&)` answers Task<Result<T>>. The call, and what attempt and fallback refer to,
  // live until the end.
  template <class Attempt, class Fallback = detail::NoFallback>
  auto start(Call call, ResilientCall how, Attempt attempt, Fallback fallback = {})
      -> detail::Attempted<Attempt> {
    using Value = typename detail::ResultOf<detail::Attempted<Attempt>>::Value;
    ResilienceReport unread;
    ResilienceReport& report = fresh(how, unread);
    for (int asks = 1;; ++asks) {
      Result<Answer> permit = co_await acquire(call, how, kIsFallback<Fallback>, report);
      if (isPlain(permit, report)) {
        ResilientAttempt note(++report.attempts);
        Value value = co_await detail::callAttempt(attempt, call, note);
        if (needsFallback<Fallback>(value, how, report)) {
          const Error why = value.error();
          value = co_await answerLater<Value>(fallback, why);
        }
        co_return value;
      }
      if (!permit && mayAskAgain(permit.error(), asks)) continue;
      if (!permit) co_return std::unexpected(std::move(permit.error()));
      Error last = refusal(permit->permit);
      for (;;) {
        Unsettled unsettled(*this, permit->permit.token);
        const NearerCall nearer(host_, call, deadlineOf(*permit));
        const Call own = nearer;
        ResilientAttempt note(permit->permit.attempts);
        report.is_fallback = permit->permit.is_fallback;
        std::optional<Value> value;
        if (report.is_fallback)
          value.emplace(co_await answerLater<Value>(fallback, last));
        else
          value.emplace(co_await detail::callAttempt(attempt, own, note));
        const std::uint64_t token = unsettled.take();
        const revenge_resilience_outcome outcome = outcomeOf(*value, how.judge, note);
        permit = co_await settle(call, token, outcome, report);
        if (wasNotTaken(permit)) giveBack(token, outcome);
        if (report.retry_after == std::chrono::nanoseconds(0)) report.retry_after = note.retry_after_;
        if (!permit || permit->permit.token == 0) co_return std::move(*value);
        if (!*value) last = std::move(value->error());
      }
    }
  }

  // The same for attempts that call back: `attempt(const Call&, ResilientAnswer<T>)`, and in the end `done(Result<T>)`, on whatever
  // thread brings it. What they refer to, and the call, live until then.
  template <class T, class Attempt, class Done, class Fallback = detail::NoFallback>
  void launch(const Call& call, const ResilientCall& how, Attempt attempt, Done done,
              Fallback fallback = {}) {
    revenge::run(host_,
                 launched<T>(*this, call, how, std::move(attempt), std::move(done), std::move(fallback)));
  }

  // Calls that were made plainly so far.
  std::uint64_t plainCalls() const { return plain_.load(std::memory_order_relaxed); }
  // For a health check: kUnavailable as long as the last call was made plainly.
  Status health() const {
    if (!is_plain_.load(std::memory_order_relaxed)) return {};
    return fail(Errc::kUnavailable, "calls are made without policies: " + std::to_string(plainCalls()) +
                                        " so far; nobody provides " REVENGE_RESILIENCE_ID
                                        ", or it has no such pipeline");
  }

 private:
  // Gives the permit back when the attempt throws: it was made, and it failed.
  class Unsettled {
   public:
    Unsettled(const Resilience& owner, std::uint64_t token) : owner_(&owner), token_(token) {}
    Unsettled(const Unsettled&) = delete;
    Unsettled& operator=(const Unsettled&) = delete;
    ~Unsettled() {
      if (token_ != 0) owner_->failed(token_);
    }
    std::uint64_t take() { return std::exchange(token_, 0); }

   private:
    const Resilience* owner_;
    std::uint64_t token_;
  };

  // The attempt threw: it was made, and failed.
  void failed(std::uint64_t token) const {
    auto outcome = boundary::sized<revenge_resilience_outcome>();
    outcome.verdict = REVENGE_RESILIENCE_FAILURE;
    outcome.flags = REVENGE_RESILIENCE_FINAL;
    giveBack(token, outcome);
  }
  // On a worker, which may wait where this thread may not: for a provider that is being replaced. No attempt follows.
  void giveBack(std::uint64_t token, revenge_resilience_outcome outcome) const {
    outcome.flags |= REVENGE_RESILIENCE_FINAL;
    const auto job = [slot = slot_, token, outcome](const Call& call) {
      auto next = boundary::sized<Permit>();
      static_cast<void>(slot.call(call, [&](const revenge_resilience& table, void* self,
                                            const revenge_call* inner, revenge_error* error) {
        return table.settle(self, inner, token, &outcome, 0, &next, error);
      }));
    };
    // Refused where the plugin's share of the queue is full, or the instance leaves: its permits then come back with it.
    static_cast<void>(host_.timers().submit(job));
  }

  // A provider that was about to be replaced; its successor is there by now, or soon.
  static bool mayAskAgain(const Error& error, int asks) {
    constexpr int kMost = 3;
    return error.code == Errc::kBusy && asks < kMost;
  }

  // Nobody was entered: the provider is held by a swap, which this thread must not wait for.
  static bool wasNotTaken(const Result<Answer>& settled) {
    return !settled && settled.error().code == Errc::kBusy;
  }

  static std::chrono::steady_clock::time_point deadlineOf(const Answer& answer) {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(answer.permit.until_ns));
  }

  template <class Value>
  static revenge_resilience_outcome outcomeOf(const Value& value, ResilienceJudge judge,
                                              const ResilientAttempt& note) {
    auto outcome = boundary::sized<revenge_resilience_outcome>();
    outcome.verdict = value ? std::uint32_t{REVENGE_RESILIENCE_SUCCESS} : judge(value.error());
    if (note.is_final_) outcome.flags = REVENGE_RESILIENCE_FINAL;
    outcome.retry_after_ns = note.retry_after_.count();
    return outcome;
  }

  template <class Fallback>
  static constexpr bool kIsFallback = !std::is_same_v<Fallback, detail::NoFallback>;
  // Where there are no policies to decide it.
  template <class Fallback, class Value>
  static bool needsFallback(const Value& value, const ResilientCall& how, ResilienceReport& report) {
    report.is_fallback =
        kIsFallback<Fallback> && !value && how.judge(value.error()) == REVENGE_RESILIENCE_FAILURE;
    return report.is_fallback;
  }
  template <class Value, class Fallback>
  static Value answer(Fallback& fallback, const Error& why) {
    if constexpr (!kIsFallback<Fallback>)
      return std::unexpected(why);  // none was offered, so none is asked for
    else if constexpr (std::is_invocable_v<Fallback&, const Error&>)
      return fallback(why);
    else
      return fallback;
  }
  template <class Value, class Fallback>
  static Task<Value> answerLater(Fallback& fallback, const Error& why) {
    if constexpr (std::is_invocable_r_v<Task<Value>, Fallback&, const Error&>)
      co_return co_await fallback(why);
    else
      co_return answer<Value>(fallback, why);
  }

  // Waits in a coroutine for who calls back.
  template <class T, class Attempt>
  struct Called {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      state->waiting = coroutine;
      // It may be answered, and this be gone, before this returns.
      attempt(call, ResilientAnswer<T>(state));
    }
    Result<T> await_resume() { return std::move(*state->value); }
    ~Called() { state->waiting = nullptr; }

    Attempt& attempt;
    Call call;
    std::shared_ptr<typename ResilientAnswer<T>::State> state =
        std::make_shared<typename ResilientAnswer<T>::State>();
  };
  template <class T, class Attempt, class Done, class Fallback>
  static Task<void> launched(Resilience& self, Call call, ResilientCall how, Attempt attempt, Done done,
                             Fallback fallback) {
    const auto called = [&attempt](const Call& own) -> Task<Result<T>> {
      co_return co_await Called<T, Attempt>{attempt, own};
    };
    done(co_await self.start(call, how, called, std::move(fallback)));
  }

  static ResilienceReport& fresh(const ResilientCall& how, ResilienceReport& unread) {
    if (how.report != nullptr) *how.report = {};
    return how.report != nullptr ? *how.report : unread;
  }
  // For a fallback that stands in for a refusal.
  static Error refusal(const Permit& permit) {
    return {permit.refused_by == REVENGE_RESILIENCE_TIMEOUT ? Errc::kTimedOut : Errc::kUnavailable,
            "a policy has refused the call"};
  }

  bool isPlain(const Result<Answer>& permit, ResilienceReport& report) {
    const bool is_plain = permit ? permit->is_away : permit.error().code == Errc::kNotFound;
    report.is_plain = is_plain;
    is_plain_.store(is_plain, std::memory_order_relaxed);
    if (is_plain) plain_.fetch_add(1, std::memory_order_relaxed);
    return is_plain;
  }

  Host& host_;
  Slot<revenge_resilience> slot_;
  std::atomic<bool> is_plain_ = false;
  std::atomic<std::uint64_t> plain_ = 0;
};

}  // namespace revenge
