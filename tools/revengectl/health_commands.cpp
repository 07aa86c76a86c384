#include <array>

#include "revengectl/session.hpp"
#include "revengectl/show_health.hpp"

namespace revenge::ctl {

namespace {

// Degraded is no failure: the host serves.
Exit health(Session& session, const Command& /*command*/) {
  bool fails = false;
  const auto answer = session.ask({.method = "GET", .target = "/v1/health"});
  const Exit ended = session.finish(answer, [&](const document::Value& value) {
    fails = textOf(value, "status") == "fail";
    session.people(showHealth(value, session.colours()));
  });
  return ended == Exit::kOk && fails ? Exit::kFailed : ended;
}

constexpr std::array kSpecs = {
    Spec{"health", "", kQuestion, "", "whether the host serves, and every check behind that",
         "Ends with 0 when the host is ready, also degraded, and with 1 when it is not.\n"
         "AGE is how long ago a check last had a result; what has none is told by whom it concerns.\n",
         health},
};

}  // namespace

std::span<const Spec> healthCommands() { return kSpecs; }

}  // namespace revenge::ctl
