// Rows about the state that a version hands to the next.
#include <random>

#include <fmt/format.h>

#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

// The state of an instance that has served a little; empty without one.
std::optional<std::string> ownState(Work& work) {
  if (work.package.manifest->swap.state == module::SwapState::kNone) {
    work.journal.notRun("plugin.json declares no state");
    return std::nullopt;
  }
  Loaded library(work);
  Trial trial(work, library);
  std::optional<std::string> state;
  if (trial.create() && trial.start()) {
    trial.callAll();
    state = trial.save();
    trial.life().resume();
  }
  trial.end();
  return state;
}

std::string versionOf(const Work& work) { return work.package.manifest->version.text(); }

// Restores it into a new instance, which lives on when it takes it.
void restoreInto(Work& work, std::string_view state, std::string_view version,
                 const std::string& circumstance) {
  Loaded library(work);
  Trial trial(work, library);
  trial.expectFailures();
  trial.recorder().during(circumstance);
  if (trial.create() && trial.restore(state, version) && trial.start()) trial.health();
  trial.end();
}

// "0.1" of plugin.json stands for all 0.1.x.
std::string firstOf(std::string version) {
  while (std::ranges::count(version, '.') < 2) version += ".0";
  return version;
}

std::vector<std::string> garbage(const std::string& state, std::uint64_t seed) {
  constexpr std::size_t kCuts = 24;
  constexpr std::size_t kFlips = 24;
  constexpr std::size_t kHuge = std::size_t{1} << 20;
  std::mt19937_64 random(seed);
  std::vector<std::string> all{"",
                               "x",
                               std::string(1, '\0'),
                               std::string(kHuge, 'a'),
                               std::string(kHuge, '\xff'),
                               state + state,
                               "{}",
                               "[[[[[[[[",
                               "null"};
  for (std::size_t i = 0; i < kCuts; ++i) all.push_back(state.substr(0, state.size() * i / kCuts));
  for (std::size_t i = 0; i < kFlips && !state.empty(); ++i) {
    auto altered = state;
    for (std::size_t k = 0; k <= i / 4; ++k) altered[random() % altered.size()] = static_cast<char>(random());
    all.push_back(std::move(altered));
  }
  return all;
}

}  // namespace

void stateRoundTrip(Work& work) {
  const auto state = ownState(work);
  if (!state) return;
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.restore(*state, versionOf(work)) && trial.start()) {
    trial.health();
    const auto again = trial.save();
    if (again && *again != *state)
      work.journal.found(fmt::format("save() gave {} bytes; restored and saved again, {} others",
                                     state->size(), again->size()));
  }
  trial.end();
  work.journal.note(fmt::format("{} bytes", state->size()));
}

void stateOlderBlob(Work& work) {
  const auto state = ownState(work);
  if (!state) return;
  for (const auto& version : work.package.manifest->swap.reads)
    restoreInto(work, *state, firstOf(version), "the state is of version " + version);
}

void stateGarbage(Work& work) {
  const auto state = ownState(work);
  if (!state) return;
  constexpr auto kBudget = std::chrono::seconds(2);
  const auto until = std::chrono::steady_clock::now() + kBudget;
  std::size_t number = 0;
  for (const auto& altered : garbage(*state, work.seed)) {
    if (std::chrono::steady_clock::now() > until) break;
    restoreInto(work, altered, versionOf(work),
                fmt::format("the state is garbage ({}, {} bytes)", ++number, altered.size()));
  }
  work.journal.note(fmt::format("{} states", number));
}

}  // namespace revenge::check
