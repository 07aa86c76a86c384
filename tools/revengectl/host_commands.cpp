#include <array>

#include <fmt/format.h>

#include <revenge/abi/version.h>

#include "document/json.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

Exit events(Session& session, const Command& command) {
  const bool follows = command.has("--follow");
  Request request{
      .method = "GET",
      .target = fmt::format("/v1/events?from={}{}", command.given("--from", "0"), follows ? "&follow=1" : ""),
      .patience = follows ? Patience::kHead : Patience::kAnswer};
  request.line = [&session](std::string_view line) {
    session.json(line);
    if (const auto event = document::parseJson(line, "event"))
      session.people(showEvent(*event, session.colours()));
  };
  const auto answer = session.ask(request);
  if (answer && answer->status < kFirstError) return Exit::kOk;
  if (follows && !answer && answer.error().code == base::Errc::kIo)
    return session.told(Exit::kFailed, "the host has ended the event stream");
  return session.finish(answer, [](const Value&) {});
}

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
    Spec{"events", "", kQuestion, "--follow --from", "what happened: the last events, oldest first",
         "  --follow   go on with what happens from now on, until Ctrl-C\n"
         "  --from N   begin with event number N\n",
         events},
    Spec{"status", "", kQuestion, "", "version, health and addresses of the host", "", status},
    Spec{"stop", "", kQuestion, "", "ask the host to stop in order",
         "Returns when the host has begun to stop.\n", stop},
    Spec{"version", "", kQuestion, "", "version of revengectl itself; asks no host", "", version},
};

}  // namespace

std::span<const Spec> hostCommands() { return kSpecs; }

}  // namespace revenge::ctl
