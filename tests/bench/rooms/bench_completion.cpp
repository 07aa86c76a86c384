// What a wait costs that goes through two plugins: this program asks the near one, which asks the far one, which hands
// over to another thread and answers there; the completion goes back through both, and the answer is handed back to the
// thread that asked. The reference is the same chain of functions with plain continuations. Both hand over by asio::post
// between the same two loops, twice a round. A line of JSON a pair, in nanoseconds a round.
// Usage: bench_completion FOLDER PACKAGES [pairs]
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "plugins/chain.h"
#include "rooms/rooms.hpp"

namespace {

using namespace revenge;
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 6'400;  // in a batch
constexpr int kBatches = 6;     // of each kind in a pair, taken in turn; the fastest counts

void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

class Loop {
 public:
  ~Loop() {
    work_.reset();
    thread_.join();
  }
  template <typename Function>
  void post(Function function) {
    asio::post(context_, std::move(function));
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
  std::thread thread_{[this] { context_.run(); }};
};

struct Loops {
  Loop home;
  Loop elsewhere;
};

// One question at a time, again and again; `finished` is told after the last.
struct Asking {
  Loops& loops;
  std::function<void(Asking&)> ask;
  std::function<void()> finished;
  int left = 0;

  void next() { left-- > 0 ? ask(*this) : finished(); }
  void answered(std::string_view answer) {
    check(answer == "42", "another answer");
    loops.home.post([this] { next(); });
  }
};

// Nanoseconds a round, with so many questions under way at a time.
double measure(Loops& loops, const std::function<void(Asking&)>& ask, int at_a_time) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = at_a_time;
  const auto finished = [&] {
    const std::lock_guard lock(mutex);
    if (--running == 0) changed.notify_all();
  };
  std::vector<Asking> askers(static_cast<std::size_t>(at_a_time),
                             Asking{loops, ask, finished, kRounds / at_a_time});
  const auto begin = Clock::now();
  for (Asking& asking : askers) loops.home.post([&asking] { asking.next(); });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return running == 0; });
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / kRounds;
}

namespace plain {

template <typename Done>
[[gnu::noinline]] void far(Loops& loops, Done done) {
  loops.elsewhere.post([done] { done("42"); });
}
template <typename Done>
[[gnu::noinline]] void near(Loops& loops, Done done) {
  far(loops, [done](std::string_view answer) { done(answer); });
}
void ask(Asking& asking) {
  near(asking.loops, [&asking](std::string_view answer) { asking.answered(answer); });
}

}  // namespace plain

// As a plugin in C asks: enter, open, call, leave.
class Asker {
 public:
  Asker(const bench::Caller& caller, Loops& loops)
      : caller_(caller), elsewhere_{&loops.elsewhere, [](void* context, void (*run)(void*), void* argument) {
                                      static_cast<Loop*>(context)->post([run, argument] { run(argument); });
                                    }} {}

  void ask(Asking& asking) const {
    const revenge_service& service = ext::ServiceAdapter::table();
    const revenge_completion done{sizeof done, 0, &asking, complete};
    revenge_call call{};
    call.size = sizeof call;
    revenge_handle handle = 0;
    revenge_entry entry;
    entry.size = sizeof entry;
    check(service.enter(&caller_.host, &call, caller_.slot, &entry, nullptr) == REVENGE_OK, "not entered");
    check(service.completion_open(&caller_.host, &entry.call, &done, &handle, nullptr) == REVENGE_OK,
          "no completion");
    const auto* chain = static_cast<const bench_chain*>(entry.table);
    check(chain->ask(entry.self, &entry.call, &elsewhere_, handle, nullptr) == REVENGE_PENDING,
          "not pending");
    service.leave(&caller_.host, &entry);
  }

 private:
  static void complete(void* context, revenge_status status, revenge_view result, const revenge_error*) {
    check(status == REVENGE_OK, "not answered");
    static_cast<Asking*>(context)->answered({result.data, result.size});
  }

  const bench::Caller& caller_;
  const bench_thread elsewhere_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  bench::Rooms rooms(arguments[1], arguments[2]);
  const int pairs = count > 3 ? std::atoi(arguments[3]) : 9;
  const auto caller = rooms.callerOf("bench.chain-near/1");
  Loops loops;
  const Asker asker(*caller, loops);
  const auto ask = [&asker](Asking& asking) { asker.ask(asking); };
  // Other work on the machine only ever adds time, so the fastest batch of each kind is the one to compare.
  const auto pair = [&](const char* name, int at_a_time) {
    double reference = std::numeric_limits<double>::max();
    double value = reference;
    for (int i = 0; i < kBatches; ++i) {
      reference = std::min(reference, measure(loops, plain::ask, at_a_time));
      value = std::min(value, measure(loops, ask, at_a_time));
    }
    fmt::print("{{\"name\": \"{}\", \"value\": {:.1f}, \"reference_value\": {:.1f}}}\n", name, value,
               reference);
  };
  for (int i = 0; i < pairs; ++i) {
    pair("wait through two plugins", 1);
    pair("wait through two plugins, 64 under way", 64);
  }
}
