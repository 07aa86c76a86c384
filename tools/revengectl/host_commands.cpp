#include <array>

#include <fmt/format.h>

#include <revenge/abi/version.h>

#include "document/json.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

Exit status(Session& session, const Command& /*command*/) {
  return session.question("/v1/status", showStatus);
}

Exit stop(Session& session, const Command& /*command*/) {
  return session.finish(session.ask({.method = "POST", .target = "/v1/stop"}),
                        [&session](const Value&) { session.people("  stopping\n"); });
}

Exit version(Session& session, const Command& /*command*/) {
  session.people("revengectl " REVENGE_VERSION_STRING "\n");
  session.json(R"({"version":")" REVENGE_VERSION_STRING "\"}");
  return Exit::kOk;
}

constexpr std::array kSpecs = {
    Spec{"status", "", kQuestion, "", "version, health and addresses of the host", "", status},
    Spec{"stop", "", kQuestion, "", "ask the host to stop in order",
         "Returns when the host has begun to stop.\n", stop},
    Spec{"version", "", kQuestion, "", "version of revengectl itself; asks no host", "", version},
};

}  // namespace

std::span<const Spec> hostCommands() { return kSpecs; }

}  // namespace revenge::ctl
