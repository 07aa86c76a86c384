// The fields of a state in their order. A change of them is a change of kRevision. One that only adds kinds of permits reads those
// before it.
#include <algorithm>
#include <cmath>
#include <vector>

#include "pipeline/pipeline.hpp"
#include "wiring/state.hpp"
#include "wiring/state_bytes.hpp"

namespace revenge::resilience {
namespace {

constexpr std::uint64_t kRevision = 2;
constexpr std::uint64_t kOldestRevision = 1;  // without grants of rates
constexpr std::size_t kMostNames = 100'000;
constexpr std::size_t kModes = 5;

template <class To, class Of>
void counts(To& to, Of& of) {
  to.number(of.calls);
  to.number(of.failures);
  to.number(of.slow);
}

template <class To, class Of>
void mode(To& to, Of& of) {
  to.word(of.mode, kModes);
  to.text(of.mode_reason);
}

template <class To, class Of>
void breaker(To& to, Of& of) {
  to.word(of.state, kBreakerStates);
  mode(to, of);
  to.number(of.generation);
  to.number(of.failures_in_row);
  to.number(of.since);
  to.number(of.eligible_at);
  to.number(of.reopenings);
  to.number(of.openings_in_row);
  counts(to, of.trials);
  to.number(of.next_trial);
  to.list(of.running, kMaxTrials, [&](auto& trial) {
    to.number(trial.ordinal);
    to.number(trial.started_at);
  });
  to.word(of.window.geometry.kind, 3);
  to.number(of.window.geometry.calls);
  to.number(of.window.geometry.length);
  to.list(of.window.words, kMaxWindowCalls, [&](auto& word) { to.number(word); });
}

template <class To, class Of>
void rateSettings(To& to, Of& of) {
  to.number(of.permits);
  to.number(of.per);
  to.number(of.burst);
  to.word(of.algorithm, 2);
  to.number(of.max_wait);
}

template <class To, class Of>
void rate(To& to, Of& of) {
  to.number(of.level);
  rateSettings(to, of.settings);
  mode(to, of);
}

template <class To, class Of>
void keyed(To& to, Of& of) {
  to.number(of.seed.first);
  to.number(of.seed.second);
  rateSettings(to, of.settings.rate);
  to.number(of.settings.max_keys);
  to.list(of.entries, kMaxKeys, [&](auto& entry) {
    to.number(entry.key.low);
    to.number(entry.key.high);
    to.number(entry.arrival);
  });
  to.number(of.overflow_arrival);
  mode(to, of);
}

template <class To, class Of>
void bulkhead(To& to, Of& of) {
  to.number(of.running);
  mode(to, of);
}

template <class To, class Of>
void adaptive(To& to, Of& of) {
  to.number(of.estimate);
  to.number(of.running);
  mode(to, of);
}

template <class To>
struct PermitFields {
  To& to;
  void operator()(auto& of) const
    requires requires { of.generation; }
  {
    to.number(of.generation);
    to.number(of.started_at);
    to.number(of.trial);
  }
  void operator()(auto& of) const
    requires requires { of.bound; }
  {
    to.number(of.started_at);
    to.word(of.bound, 2);
  }
  void operator()(auto& of) const
    requires requires { of.in_flight; }
  {
    to.number(of.started_at);
    to.number(of.in_flight);
  }
  void operator()(auto& of) const
    requires requires { of.in_budget; }
  {
    to.word(of.is_counted, 2);
    to.word(of.in_budget, 2);
  }
  void operator()(auto& of) const
    requires requires { of.window; }
  {
    to.number(of.permits);
    to.number(of.wait);
    to.number(of.window);
    to.word(of.shared, 2);
  }
  void operator()(auto& of) const
    requires requires { of.spent; }
  {
    to.number(of.key.low);
    to.number(of.key.high);
    to.number(of.permits);
    to.word(of.shared, 2);
    to.number(of.wait);
    to.number(of.spent);
  }
};

void kind(StateWriter& to, const HeldPermit& of) { to.number(of.permit.index()); }
void kind(StateReader& from, HeldPermit& of) {
  std::size_t index = 0;
  from.word(index, std::variant_size_v<decltype(of.permit)>);
  if (index == 1) of.permit = BulkheadPermit();
  if (index == 2) of.permit = AdaptivePermit();
  if (index == 3) of.permit = HeldPlace();
  if (index == 4) of.permit = RateGrant();
  if (index == 5) of.permit = KeyedGrant();
}

template <class To, class Of>
void run(To& to, Of& of) {
  to.number(of.token);
  to.number(of.caller);
  to.number(of.granted_at);
  to.number(of.until);
  to.list(of.permits, kMaxLayers, [&](auto& permit) {
    to.text(permit.name);
    kind(to, permit);
    std::visit(PermitFields<To>{to}, permit.permit);
  });
}

template <class To, class Of>
void all(To& to, Of& of) {
  const auto named = [&](auto& list, auto fields) {
    to.list(list, kMostNames, [&](auto& item) {
      to.text(item.first);
      fields(item.second);
    });
  };
  named(of.breakers, [&](auto& image) { breaker(to, image); });
  named(of.rates, [&](auto& image) { rate(to, image); });
  named(of.keyed_rates, [&](auto& image) { keyed(to, image); });
  named(of.bulkheads, [&](auto& image) { bulkhead(to, image); });
  named(of.adaptives, [&](auto& image) { adaptive(to, image); });
  to.list(of.runs, 2 * Runs::kMost, [&](auto& one) { run(to, one); });
}

// What the numbers alone do not say: the policies trust what they are given.
bool isSound(const State& state) {
  for (const auto& [name, image] : state.breakers)
    if (image.trials.calls < 0 || image.trials.failures < 0 || image.trials.slow < 0) return false;
  for (const auto& [name, image] : state.rates)
    if (problem(image.settings)) return false;
  for (const auto& [name, image] : state.keyed_rates)
    if (problem(image.settings)) return false;
  for (const auto& [name, image] : state.adaptives)
    if (!std::isfinite(image.estimate)) return false;
  for (const HeldRun& run : state.runs)
    for (const HeldPermit& held : run.permits)
      if (const auto* const grant = std::get_if<RateGrant>(&held.permit); grant != nullptr && grant->shared)
        return false;  // no level is shared here
  return true;
}

// One that is there twice would be counted twice, and given back once.
bool isEachTokenThereOnce(const std::vector<HeldRun>& runs) {
  std::vector<std::uint64_t> tokens;
  tokens.reserve(runs.size());
  for (const HeldRun& run : runs) tokens.push_back(run.token);
  std::ranges::sort(tokens);
  return std::ranges::adjacent_find(tokens) == tokens.end();
}

}  // namespace

std::string bytesOf(const State& state) {
  StateWriter writer;
  writer.number(kRevision);
  all(writer, state);
  return writer.take();
}

std::optional<State> stateOf(std::string_view bytes) {
  StateReader reader(bytes);
  std::uint64_t revision = 0;
  reader.number(revision);
  if (revision < kOldestRevision || revision > kRevision) return std::nullopt;
  State state;
  all(reader, state);
  if (!reader.atEnd() || !isSound(state) || !isEachTokenThereOnce(state.runs)) return std::nullopt;
  return state;
}

}  // namespace revenge::resilience
