// What another version of the resilience plugin saved: states of policies and permits that are held. Written again it is the same;
// policies that have taken it serve, and what they hand on in turn is taken.
#include <string>
#include <string_view>

#include "pipeline/declared.hpp"
#include "require.hpp"
#include "wiring/inherited.hpp"
#include "wiring/policies.hpp"
#include "wiring/state.hpp"

namespace {

using namespace revenge::resilience;
using revenge::fuzz::require;

constexpr Moment kNow = Moment::ofNanoseconds(3'600'000'000'000);

// A pipeline of each kind with a state, by the names that the seeds have.
Settings everyKind() {
  Settings settings;
  settings.budgets["budget"] = {};
  auto& pipeline = settings.pipelines["p"];
  for (const std::string word : {"retry", "breaker", "rate", "keyed_rate", "adaptive", "bulkhead"})
    pipeline.push_back({.word = word,
                        .policy = "p." + word,
                        .settings = *defaultsOf(word),
                        .budget = word == "retry" ? "budget" : ""});
  return settings;
}

template <class Policy>
Policy& policyOf(const Policies& policies, const std::string& word) {
  return *std::get<std::shared_ptr<Policy>>(*policies.policy("p." + word));
}

// A call through each that has a state, and what it hands on.
State used(const Policies& policies, Inherited& inherited, Moment now) {
  auto& breaker = policyOf<Breaker>(policies, "breaker");
  auto& rate = policyOf<RateLimiter>(policies, "rate");
  auto& keyed = policyOf<KeyedLimiter>(policies, "keyed_rate");
  auto& adaptive = policyOf<AdaptiveLimiter>(policies, "adaptive");
  auto& bulkhead = policyOf<Bulkhead>(policies, "bulkhead");
  if (const auto permit = breaker.acquire(now)) breaker.settle(*permit, Verdict::kFailure, now);
  (void)rate.allow(now);
  (void)keyed.allow("somebody", now);
  if (const auto permit = adaptive.acquire(now)) adaptive.settle(*permit, Verdict::kSuccess, now);
  if (const auto answer = bulkhead.acquire(now)) bulkhead.settle(answer->permit, Verdict::kSuccess, now);
  for (const HeldRun& run : inherited.runs())
    require(inherited.settle(run.token, run.caller, {Verdict::kSuccess, {}, Again::kNever}, now),
            "a permit that is held is settled");
  require(inherited.runs().empty(), "and held no more");
  State state;
  state.breakers.emplace_back("p.breaker", breaker.image(now));
  state.rates.emplace_back("p.rate", rate.image());
  state.keyed_rates.emplace_back("p.keyed_rate", keyed.image(now));
  state.bulkheads.emplace_back("p.bulkhead", bulkhead.image());
  state.adaptives.emplace_back("p.adaptive", adaptive.image());
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto state = stateOf(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!state) return 0;
  const std::string written = bytesOf(*state);
  const auto again = stateOf(written);
  require(again && bytesOf(*again) == written, "what is written is read again, and is the same");

  static const Settings settings = everyKind();
  Policies policies([](const std::string&, const BreakerEvent&) {});
  policies.apply(settings, kNow);
  Inherited inherited(policies);
  restore(*state, policies, inherited, kNow);
  const State next = used(policies, inherited, kNow + std::chrono::seconds(1));
  require(stateOf(bytesOf(next)).has_value(), "what is handed on is taken");
  require(next.bulkheads.front().second.running == 0 && next.adaptives.front().second.running == 0,
          "nothing is held that nobody can give back");
  return 0;
}
