// The row about how the plugin calls its host: arguments, handles, and what it registers.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "http/pattern.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

constexpr std::array<std::string_view, 3> kReserved{"/health", "/metrics", "/admin"};

bool isReserved(std::string_view pattern) {
  return std::ranges::any_of(kReserved, [&](std::string_view prefix) {
    return http::relate(pattern, prefix) == http::Relation::kBelow;
  });
}

void judgeRoutes(Work& work, const std::vector<testing::FakeHttp::Registered>& routes) {
  std::set<std::pair<std::uint32_t, std::string>> known;
  for (const auto& route : routes) {
    const auto shown = route.pattern.substr(0, 100);
    if (const auto pattern = http::Pattern::parse(route.pattern); !pattern)
      work.journal.found(fmt::format("no host takes the route '{}': {}", shown, pattern.error().message));
    else if (isReserved(route.pattern))
      work.journal.found(fmt::format(
          "no host takes the route '{}': paths below /health, /metrics and /admin are its own", shown));
    if (!known.emplace(route.route.method, route.pattern).second)
      work.journal.found(fmt::format("the route '{}' is registered twice", shown));
  }
}

void judgeChecks(Work& work, std::vector<std::string> names) {
  std::ranges::sort(names);
  for (auto at = std::ranges::adjacent_find(names); at != names.end();
       at = std::adjacent_find(at + 1, names.end()))
    work.journal.found(fmt::format("the health check '{}' is registered twice", *at));
}

}  // namespace

void callsHost(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  const auto others = trial.host().checks();  // of companions
  trial.recorder().judgeUse();
  if (trial.create() && trial.start()) {
    trial.callAll();
    trial.pass(std::chrono::seconds(1));
    trial.configure(work.package.defaults);
    trial.callAll();
    judgeRoutes(work, trial.host().routes());
    auto checks = trial.host().checks();
    std::erase_if(checks, [&](const auto& name) { return std::ranges::find(others, name) != others.end(); });
    judgeChecks(work, std::move(checks));
  }
  trial.end();
}

}  // namespace revenge::check
