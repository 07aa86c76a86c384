// Resilience: calls that may fail, made under a pipeline of whoever provides revenge.resilience/1, which plugin.json names
// under requires, best with "optional": true. The operator configures what the pipeline does; the call stays here.
//
//   revenge::Resilience resilience_{host()};                                     // a member, made once
//   auto page = resilience_.run(call, {.pipeline = "blackbeard", .repeatable = true}, [&](const Call& attempt) {
//     return fetch(attempt, url); });                                            // Result<Page>; made again as told
//   auto page = co_await resilience_.start(call, {.pipeline = "blackbeard"}, [&](const Call& attempt) -> Task<Result<Page>> {
//     co_return co_await fetch(attempt, url); });
//
// The attempt's call carries its deadline: pass it on. A refusal is the error of the result, kUnavailable, kLimit or
// kTimedOut; where an attempt was made, its own error is the result. Without a provider, or a pipeline of that name, the call
// is made plainly, once, and counted: hand `health` to host().health() to have that seen. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <revenge/abi/resilience.h>
#include <revenge/call.hpp>
#include <revenge/service.hpp>
#include <revenge/task.hpp>
#include <revenge/timers.hpp>

namespace revenge {

template <>
inline constexpr const char* InterfaceId<revenge_resilience> = REVENGE_RESILIENCE_ID;

struct ResilientCall {
  std::string_view pipeline;
  std::string_view key = {};  // of limits by key
  std::uint32_t priority = REVENGE_BROWSING;
  std::uint32_t permits = 1;  // of rates
  bool repeatable = false;    // doing it twice does no harm
};

// How an attempt's error is judged: REVENGE_RESILIENCE_FAILURE, or REVENGE_RESILIENCE_IGNORED where it says nothing of the other
// side, which is also not called again then.
using ResilienceJudge = std::uint32_t (*)(const Error&);
inline std::uint32_t judgeError(const Error& error) {
  switch (error.code) {
    case Errc::kInvalid:
    case Errc::kNotFound:
    case Errc::kExists:
    case Errc::kRefused:
    case Errc::kCancelled:
      return REVENGE_RESILIENCE_IGNORED;
    default:
      return REVENGE_RESILIENCE_FAILURE;
  }
}

class Resilience {
  using Permit = revenge_resilience_permit;
  struct Answer {
    Permit permit = boundary::sized<Permit>();
    bool is_away = false;  // nobody was there to ask
  };

  // Always by a completion, on threads that block too: so the provider may be replaced meanwhile.
  template <class Function>
  auto asked(const Call& call, Function function) const {
    auto answer = std::make_shared<Answer>();  // shared: by the two halves of one wait
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
    auto finish = [answer](revenge_status, revenge_view result) -> Result<Answer> {
      Answer given{.is_away = answer->is_away};
      // The view may be of `answer` itself, and lives as long.
      if (result.size >= sizeof given.permit) std::memcpy(&given.permit, result.data, sizeof given.permit);
      return given;
    };
    return Waiting(host_, std::move(begin), std::move(finish));
  }

  auto acquire(const Call& call, const ResilientCall& how) const {
    auto function = [how](const revenge_resilience& table, void* self, const revenge_call* inner,
                          revenge_handle done, Permit& permit, revenge_error* error) {
      auto request = boundary::sized<revenge_resilience_request>();
      request.flags = how.repeatable ? std::uint32_t{REVENGE_RESILIENCE_REPEATABLE} : 0U;
      request.pipeline = boundary::view(how.pipeline);
      request.key = boundary::view(how.key);
      request.priority = how.priority;
      request.permits = how.permits;
      return table.acquire(self, inner, &request, done, &permit, error);
    };
    return asked(call, function);
  }
  auto settle(const Call& call, std::uint64_t token, const revenge_resilience_outcome& outcome) const {
    auto function = [token, outcome](const revenge_resilience& table, void* self, const revenge_call* inner,
                                     revenge_handle done, Permit& permit, revenge_error* error) {
      return table.settle(self, inner, token, &outcome, done, &permit, error);
    };
    return asked(call, function);
  }

 public:
  explicit Resilience(Host& host) : host_(host), slot_(host.services().require<revenge_resilience>()) {}
  Resilience(const Resilience&) = delete;
  Resilience& operator=(const Resilience&) = delete;

  // `attempt(const Call&)` answers Result<T>; blocks for the waits of the pipeline: not on I/O threads. A fallback is `.or_else` of
  // what this answers.
  template <class Attempt>
  auto run(const Call& call, const ResilientCall& how, Attempt attempt, ResilienceJudge judge = judgeError)
      -> std::invoke_result_t<Attempt&, const Call&> {
    for (int asks = 1;; ++asks) {
      Result<Answer> permit = acquire(call, how).wait();
      if (isPlain(permit)) return attempt(call);
      if (!permit && mayAskAgain(permit.error(), asks)) continue;
      if (!permit) return std::unexpected(std::move(permit.error()));
      for (;;) {
        Unsettled unsettled(*this, permit->permit.token);
        const NearerCall nearer(host_, call, deadlineOf(*permit));
        auto value = attempt(static_cast<Call>(nearer));
        const std::uint64_t token = unsettled.take();
        const revenge_resilience_outcome outcome = outcomeOf(value, judge);
        permit = settle(call, token, outcome).wait();
        if (wasNotTaken(permit)) giveBack(token, outcome);
        // Whatever it says of the run: the attempt's own word is more, unless there is another attempt.
        if (!permit || permit->permit.token == 0) return value;
      }
    }
  }

  // The same without a thread: `attempt(const Call&)` answers Task<Result<T>>. The call, and what the attempt refers to, live until
  // the end.
  template <class Attempt>
  auto start(Call call, ResilientCall how, Attempt attempt, ResilienceJudge judge = judgeError)
      -> std::invoke_result_t<Attempt&, const Call&> {
    for (int asks = 1;; ++asks) {
      Result<Answer> permit = co_await acquire(call, how);
      if (isPlain(permit)) co_return co_await attempt(call);
      if (!permit && mayAskAgain(permit.error(), asks)) continue;
      if (!permit) co_return std::unexpected(std::move(permit.error()));
      for (;;) {
        Unsettled unsettled(*this, permit->permit.token);
        const NearerCall nearer(host_, call, deadlineOf(*permit));
        const Call own = nearer;
        auto value = co_await attempt(own);
        const std::uint64_t token = unsettled.take();
        const revenge_resilience_outcome outcome = outcomeOf(value, judge);
        permit = co_await settle(call, token, outcome);
        if (wasNotTaken(permit)) giveBack(token, outcome);
        if (!permit || permit->permit.token == 0) co_return value;
      }
    }
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
  static revenge_resilience_outcome outcomeOf(const Value& value, ResilienceJudge judge) {
    auto outcome = boundary::sized<revenge_resilience_outcome>();
    outcome.verdict = value ? std::uint32_t{REVENGE_RESILIENCE_SUCCESS} : judge(value.error());
    return outcome;
  }

  bool isPlain(const Result<Answer>& permit) {
    const bool is_plain = permit ? permit->is_away : permit.error().code == Errc::kNotFound;
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
