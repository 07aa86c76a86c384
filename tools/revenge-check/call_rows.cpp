// Rows that call into a serving instance: requests, timers, many threads, a swap beneath them, I/O threads, times.
#include <algorithm>
#include <shared_mutex>
#include <thread>

#include <fmt/format.h>

#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// The fake host keeps every answer.
constexpr std::size_t kMostRequests = 20'000;

// Requests as no browser sends them.
std::vector<testing::Ask> requestsFor(const testing::FakeHttp::Registered& route) {
  constexpr std::size_t kLong = 4000;
  std::vector<testing::Ask> asks;
  for (const auto& fill : {std::string("x"), std::string("1"), std::string("%2e%2e"), std::string(kLong, 'y'),
                           std::string("%ff%c3")})
    asks.push_back(askFor(route, fill));
  asks.push_back(askFor(route, "x"));
  asks.back().target += "?limit=-1&limit=99999999999999999999&offset=x&sort=&%ff=%c3&=";
  asks.back().headers = {
      {"range", "bytes=9-2"}, {"if-none-match", "\"x"}, {"accept", ""}, {"cookie", "=;;="}};
  const bool takesBody = route.route.body != REVENGE_HTTP_BODY_NONE;
  for (const auto& body :
       {std::string("{"), std::string("null"), std::string("\xff\xfe"), std::string(kLong * 16, '[')}) {
    if (!takesBody) break;
    asks.push_back(askFor(route, "x"));
    asks.back().headers = {{"content-type", "application/json"}};
    if (route.route.body == REVENGE_HTTP_BODY_STREAM) {
      asks.back().pieces = {body.substr(0, 1), body.substr(1)};
    } else {
      asks.back().body = body;
    }
  }
  return asks;
}

// Whether it is worth to ask the route more.
bool judge(Work& work, Trial& trial, const testing::Reply& reply, const std::string& pattern) {
  constexpr auto kPatience = 3s;
  if (!trial.settle(reply, kPatience)) {
    work.journal.found(fmt::format("{}: a request is not answered", pattern));
  } else if (reply.status == 500 && reply.body == "the handler did not answer") {
    work.journal.found(
        fmt::format("{}: the handler says OK, and has neither answered nor deferred", pattern));
  } else if (reply.status < 200 || reply.status > 599) {
    work.journal.found(fmt::format("{}: answered with status {}", pattern, reply.status));
  } else {
    return true;
  }
  return false;
}

// Threads that call again and again, until they are told that it is enough or are ended.
class Callers {
 public:
  template <class Call>
  Callers(std::size_t count, Call call) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, call, i] {
        for (std::size_t turn = i; !over_ && call(turn);) ++turn;
      });
    }
  }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;
  ~Callers() {
    over_ = true;
    for (auto& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::vector<std::thread> threads_;
};

// What a call entered is not replaced beneath it. The lock alone would let calls in as long as any is inside, and a swap
// begin when the last of them was made.
class Publication {
 public:
  std::shared_lock<std::shared_mutex> enter() {
    while (replacing_) std::this_thread::yield();
    return std::shared_lock(mutex_);
  }
  std::unique_lock<std::shared_mutex> replace() {
    replacing_ = true;
    std::unique_lock lock(mutex_);
    replacing_ = false;
    return lock;
  }

 private:
  std::shared_mutex mutex_;
  std::atomic<bool> replacing_ = false;
};

// So many more calls, or what a machine that has other things to do comes to.
void awaitCalls(const std::atomic<std::size_t>& calls, std::size_t more) {
  const auto until = SteadyClock::now() + 300ms;
  for (const std::size_t wanted = calls + more; calls < wanted && SteadyClock::now() < until;)
    std::this_thread::sleep_for(1ms);
}

}  // namespace

void callsAnswers(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    trial.recorder().judgeAnswers();
    std::vector<std::pair<const testing::Reply*, std::string>> streams;
    for (const auto& route : trial.host().routes()) {
      for (auto& ask : requestsFor(route)) {
        const auto& reply = trial.host().http().handle(std::move(ask));
        trial.host().runJobs();
        const bool goesOn = judge(work, trial, reply, route.pattern);
        if (trial.host().http().streaming(reply)) streams.emplace_back(&reply, route.pattern);
        if (!goesOn) break;
      }
    }
    trial.life().drain();
    trial.pass(work.package.manifest->timeouts.drain);
    for (const auto& [reply, pattern] : streams)
      if (trial.host().http().streaming(*reply))
        work.journal.found(
            fmt::format("{}: a stream is still open when the instance's drain is over", pattern));
  }
  trial.end();
}

void callsTimers(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    trial.host().telemetry().tellSpan("by the check");
    trial.host().telemetry().tellRecord(REVENGE_LOG_WARN, "by the check");
    for (const auto step : {1ms, 10ms, 100ms, 1'000ms, 10'000ms}) trial.pass(step);
    for (const auto& check : trial.host().checks()) {
      const auto answer = trial.host().check(check);
      if (!answer && answer.error().message.starts_with("status "))
        work.journal.found(fmt::format("the health check '{}' fails and gives no reason", check));
    }
    for (const std::string_view kind : {"plugin.state", "flag.changed", "config.changed", "check.event"})
      trial.host().publish(
          {.kind = std::string(kind), .text = "by the check", .payload = "{\"a\": [1, null]}"});
    trial.pass(1s);
  }
  trial.end();
}

void callsThreads(Work& work) {
  constexpr std::size_t kThreads = 4;
  constexpr auto kTime = 1500ms;
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    std::vector<testing::Ask> asks;
    for (const auto& route : trial.host().routes())
      for (auto& ask : requestsFor(route)) asks.push_back(std::move(ask));
    std::atomic<std::size_t> calls = 0;
    {
      const Callers callers(asks.empty() ? 0 : kThreads, [&](std::size_t turn) {
        trial.host().http().handle(asks[turn % asks.size()]);
        return calls.fetch_add(1) < kMostRequests;
      });
      const auto until = SteadyClock::now() + kTime;
      while (SteadyClock::now() < until) {
        trial.pass(5ms);
        trial.health();
        for (const auto& check : trial.host().checks()) static_cast<void>(trial.host().check(check));
        trial.configure(work.package.defaults);
        std::this_thread::yield();
      }
    }
    work.journal.note(fmt::format("{} requests", calls.load()));
  }
  trial.end();
}

void swapWithItself(Work& work) {
  constexpr std::size_t kThreads = 4;
  constexpr int kSwaps = 10;
  constexpr std::size_t kCallsBetween = 20;
  const bool keeps = work.package.manifest->swap.state != module::SwapState::kNone;
  const auto version = work.package.manifest->version.text();
  const Loaded first(work, 0);
  const Loaded second(work, 1);
  Stage stage(work);
  auto& host = stage.host;
  auto& recorder = stage.recorder;
  Publication publication;

  const auto expect = [&](const testing::Ended& ended, std::string_view what) {
    if (!ended.ok() && !ended.threw)
      work.journal.found(fmt::format("{} failed in a swap: {}", what, ended.reason));
    return ended.ok();
  };
  auto serving = std::make_unique<testing::Life>(host, first.create());
  if (!expect(serving->create(work.package.defaults), "create()") || !expect(serving->start(), "start()"))
    return;
  std::vector<testing::Ask> asks;
  for (const auto& route : host.routes()) asks.push_back(askFor(route, "x"));
  std::atomic<std::size_t> calls = 0;
  {
    const Callers callers(asks.empty() ? 0 : kThreads, [&](std::size_t turn) {
      const auto entered = publication.enter();
      host.http().handle(asks[turn % asks.size()]);
      return calls.fetch_add(1) < kMostRequests;
    });
    for (int i = 0; i < kSwaps; ++i) {
      awaitCalls(calls, asks.empty() ? 0 : kCallsBetween);
      recorder.during(fmt::format("it is swapped for the {}. time", i + 1));
      auto next = std::make_unique<testing::Life>(host, (i % 2 == 0 ? second : first).create());
      if (!expect(next->create(work.package.defaults), "create()")) break;
      std::string state;
      bool able = !keeps || (expect(serving->save(state), "save()") &&
                             expect(next->restore(state, version), "restore()"));
      able = able && expect(next->start(), "start()") && next->health().status != REVENGE_FAILED;
      host.runJobs();
      const auto alone = publication.replace();
      if (!able) {
        next->drain();
        next->join();
        next->destroy();
        break;
      }
      serving->drain();
      expect(serving->stop(), "stop()");
      serving->join();
      serving->destroy();
      serving = std::move(next);
    }
  }
  serving->drain();
  expect(serving->stop(), "stop()");
  serving->join();
  serving->destroy();
  work.journal.note(fmt::format("{} requests", calls.load()));
}

void ioBlocks(Work& work) {
  constexpr int kTimes = 3;  // what waits once may have met a slow disk
  constexpr auto kAllowed = 20ms;
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    trial.host().refuseBlocking();
    for (const auto& route : trial.host().routes()) {
      if (route.route.execution != REVENGE_HTTP_INLINE) continue;
      const auto what = fmt::format("the handler of {}", route.pattern);
      auto shortest = std::chrono::nanoseconds::max();
      for (int i = 0; i < kTimes; ++i) {
        trial.recorder().forget();
        const auto& reply = trial.host().http().handle(askFor(route, "x"));
        trial.settle(reply, 1s);
        const auto measured = trial.recorder().measured();
        const auto found = measured.find(what);
        // Entered twice: it said that it would have to wait, and was called on a worker.
        const bool declined = found == measured.end() || found->second.times > 1;
        shortest = declined ? std::chrono::nanoseconds(0) : std::min(shortest, found->second.longest.waited);
      }
      if (shortest > kAllowed)
        work.journal.found(fmt::format("{} runs on an I/O thread and waits {:.0f} ms there", what,
                                       std::chrono::duration<double, std::milli>(shortest).count()));
    }
  }
  trial.end();
}

void timeCallbacks(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    trial.health();
    trial.callAll();
    trial.pass(10s);
    trial.configure(work.package.defaults);
    trial.save();
    trial.life().resume();
  }
  trial.end();
  using testing::Callback;
  const std::pair<std::string_view, Callback> limited[] = {
      {"create()", Callback::kCreate}, {"start()", Callback::kStart},     {"health()", Callback::kHealth},
      {"save()", Callback::kSave},     {"prepare()", Callback::kPrepare}, {"commit()", Callback::kCommit},
      {"stop()", Callback::kStop},     {"destroy()", Callback::kDestroy}};
  std::string told;
  for (const auto& [what, measured] : trial.recorder().measured()) {
    const auto longest = measured.longest.total;
    told += fmt::format("{}{} {:.1f} ms", told.empty() ? "" : ", ", what,
                        std::chrono::duration<double, std::milli>(longest).count());
    const auto* limit = std::ranges::find(limited, what, &std::pair<std::string_view, Callback>::first);
    if (limit == std::end(limited) || sanitized()) continue;
    if (longest > trial.recorder().limitOf(limit->second, {}) / 2)
      work.journal.found(fmt::format("{} takes {:.2f} s, more than half of its timeout", what,
                                     std::chrono::duration<double>(longest).count()));
  }
  work.journal.note(told);
}

}  // namespace revenge::check
