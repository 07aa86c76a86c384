// Rows in a real host: what no stand-in knows, since it takes what the host refuses.
#include <set>
#include <thread>

#include <fmt/format.h>

#include "revenge-check/live_host.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Patterns of the routes that a client can GET, as the plugin registers them in the host for tests, with their parameters filled.
std::vector<std::string> targets(Work& work) {
  std::set<std::string> found;
  Loaded library(work);
  Trial trial(work, library);
  trial.expectFailures();  // for the row about lives
  trial.excuseSilence();
  if (trial.create() && trial.start()) {
    for (const auto& route : trial.host().routes()) {
      const auto ask = askFor(route, "x");
      if (ask.method == Method::kGet && ask.target.starts_with('/') && ask.target.size() < 1000)
        found.insert(ask.target);
    }
  }
  trial.end();
  return {found.begin(), found.end()};
}

class Visit {
 public:
  Visit(Work& work, const std::vector<std::string>& options)
      : work_(work), host_(work.package, LiveHost::program(), options) {}

  LiveHost& host() { return host_; }

  // Whether the package serves in it.
  bool begin() {
    if (const auto failed = host_.start()) return found(*failed, "while it began"), false;
    auto state = host_.settled();
    if (state && state->state == "disabled") {  // its flag is off where nobody says otherwise
      static_cast<void>(host_.operate("POST", fmt::format("/v1/plugins/{}/enable", work_.package.id)));
      state = host_.settled();
    }
    if (!state) return mourn("while it was started"), false;
    if (state->state == "waiting") return work_.journal.notRun("requires: " + state->note), false;
    if (state->state == "running" || state->state == "degraded") return true;
    unserved_ = fmt::format("a host shows it as {}: {}", state->state, state->note);
    return false;
  }

  bool get(const std::string& target) {
    static_cast<void>(host_.get(target));  // what is wrong with an answer, the host writes
    return !mourn("while it was asked for " + target);
  }

  // Whether the host is no more.
  bool mourn(const std::string& when) {
    auto ended = host_.death();
    if (ended) found(*ended, when);
    return ended.has_value();
  }

  void end() {
    if (const auto failed = host_.stop()) found(*failed, "");
    const auto complaints = host_.complaints();
    for (const auto& complaint : complaints) found("a host says of it", complaint);
    if (complaints.empty() && !unserved_.empty()) found(unserved_, "");
  }

 private:
  void found(std::string_view what, const std::string& more) {
    work_.journal.found(more.empty() ? std::string(what) : fmt::format("{}: {}", what, more));
  }

  Work& work_;
  LiveHost host_;
  std::string unserved_;  // why it does not serve, where that is no end of the host
};

bool isThere(Work& work) {
  if (!LiveHost::program().empty()) return true;
  work.journal.notRun("no host is installed beside this program");
  return false;
}

}  // namespace

void hostServes(Work& work) {
  if (!isThere(work)) return;
  const auto routes = targets(work);
  Visit visit(work, {});
  if (visit.begin())
    for (const auto& route : routes)
      if (!visit.get(route)) break;
  visit.end();
}

void hostSwaps(Work& work) {
  if (!isThere(work)) return;
  Visit visit(work, {});
  if (visit.begin()) {
    const auto target = "/v1/plugins/" + work.package.id;
    const auto again = work.package.folder.is_absolute() ? work.package.folder
                                                         : std::filesystem::absolute(work.package.folder);
    static_cast<void>(visit.host().operate("POST", fmt::format("{}/swap?path={}", target, again.string())));
    if (!visit.mourn("while it was swapped with itself")) {
      static_cast<void>(visit.host().operate("POST", target + "/disable"));
      if (!visit.host().isOver()) work.journal.found("disabled, it does not come to its end");
      static_cast<void>(visit.mourn("while it was disabled"));
    }
  }
  visit.end();
}

void hostBudgets(Work& work) {
  constexpr auto kLasts = 1500ms;  // more than a window; of each route
  constexpr auto kPace = 40ms;
  constexpr std::uint64_t kMemory = std::uint64_t{512} << 20;
  if (!isThere(work)) return;
  const auto routes = targets(work);
  Visit visit(work, {"budgets.window_s=1", "budgets.highest=warn", "budgets.default.cpu=0.15",
                     "budgets.default.threads=32"});
  const bool serves = visit.begin();
  const auto before = visit.host().memory();
  for (const auto& route : routes) {
    bool goes_on = serves;
    for (const auto until = Clock::now() + kLasts; goes_on && Clock::now() < until;) {
      goes_on = visit.get(route);
      const auto now = visit.host().memory();
      if (!sanitized() && now > before + kMemory) {
        work.journal.found(fmt::format("asked for {}, it takes {} MiB", route, (now - before) >> 20));
        goes_on = false;
      }
      std::this_thread::sleep_for(kPace);
    }
  }
  visit.end();
}

}  // namespace revenge::check
