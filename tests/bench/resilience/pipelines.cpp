// Pipelines with all they are made of by default: fallback, retry with a budget, breaker, bulkhead; and a timeout, whose timer
// is armed and cancelled by each call in a heap where others are due before it. A run reads the clock before its body and
// behind it.
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <vector>

#include "clock.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/run.hpp"
#include "pipeline/static_pipeline.hpp"
#include "pipeline/timers.hpp"
#include "subjects.hpp"

namespace revenge::bench {
namespace {

using namespace revenge::resilience;
using namespace std::chrono_literals;

// Timers that nobody turns: what is measured is a call in time.
class HeldTimers final : public Scheduler {
 public:
  HeldTimers() {
    for (auto& each : before_) {
      each = std::make_unique<Timer>([](Timer&, Moment) noexcept {});
      timers_.add(bench::now() + 1s, *each);
    }
  }
  HeldTimers(const HeldTimers&) = delete;
  HeldTimers& operator=(const HeldTimers&) = delete;
  ~HeldTimers() override {
    for (auto& each : before_) timers_.cancel(*each);
  }
  Moment now() const noexcept override { return bench::now(); }
  void at(Moment when, Timer& timer) noexcept override {
    // The first one's thread would have to be woken.
    if (timers_.add(when, timer)) std::abort();
  }
  bool cancel(Timer& timer) noexcept override { return timers_.cancel(timer); }
  void post(Work&) noexcept override { std::abort(); }

 private:
  Timers timers_;
  std::array<std::unique_ptr<Timer>, 100> before_;
};

struct Policies {
  std::shared_ptr<Fallback> fallback = std::make_shared<Fallback>("fallback", FallbackSettings{});
  std::shared_ptr<Timeout> timeout = std::make_shared<Timeout>("timeout", TimeoutSettings{});
  std::shared_ptr<Retry> retry = std::make_shared<Retry>(
      "retry", RetrySettings{}, std::make_shared<RetryBudget>(RetryBudgetSettings{}), 1);
  std::shared_ptr<Breaker> breaker = std::make_shared<Breaker>("upstream", BreakerSettings{}, 1, now());
  std::shared_ptr<Bulkhead> bulkhead = std::make_shared<Bulkhead>("slots", BulkheadSettings{});
  HeldTimers scheduler;
};

Call repeatable() {
  Call call;
  call.repeat = Repeat::kSafe;
  return call;
}

constexpr auto kBody = [](Attempt& attempt) { return attempt.number(); };
constexpr auto kAnswer = [](const Failure<NoError>&) { return 0U; };

// `choose(policies)`: the layers.
template <class Choose>
Calls inlined(Choose choose) {
  const auto policies = std::make_shared<Policies>();
  return repeated([policies, pipeline = choose(*policies), call = repeatable()](unsigned) {
    const auto outcome = pipeline.run(policies->scheduler, call, kBody, kAnswer);
    return outcome && *outcome == 1;
  });
}

template <class Choose>
Calls fromData(Choose choose) {
  const auto policies = std::make_shared<Policies>();
  const auto pipeline = std::make_shared<Pipeline>("pipeline", choose(*policies));
  return repeated([policies, pipeline, call = repeatable()](unsigned) {
    const auto outcome = run(*pipeline, policies->scheduler, call, kBody, kAnswer);
    return outcome && *outcome == 1;
  });
}

auto four(Policies& of) { return StaticPipeline(*of.fallback, *of.retry, *of.breaker, *of.bulkhead); }
auto five(Policies& of) {
  return StaticPipeline(*of.fallback, *of.timeout, *of.retry, *of.breaker, *of.bulkhead);
}
std::vector<Layer> fourLayers(Policies& of) { return {of.fallback, of.retry, of.breaker, of.bulkhead}; }
std::vector<Layer> fiveLayers(Policies& of) {
  return {of.fallback, of.timeout, of.retry, of.breaker, of.bulkhead};
}

}  // namespace

Calls pipelineOfFour() { return fromData(fourLayers); }

std::vector<Subject> pipelines() {
  const Calls twin = clockAndAtomic();
  return {
      {"pipeline of 4, inlined", inlined(four), twin},
      {"pipeline of 4, from data", pipelineOfFour(), twin},
      {"pipeline of 5, timer, inlined", inlined(five), twin},
      {"pipeline of 5, timer, from data", fromData(fiveLayers), twin},
  };
}

}  // namespace revenge::bench
