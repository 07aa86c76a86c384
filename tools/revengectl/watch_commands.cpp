// What happens, and what happened: lines as they come.
#include <array>

#include <fmt/format.h>

#include "document/json.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show.hpp"
#include "revengectl/show_watch.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

// Each line for people or as it is; ends when the host has told all, or, following, when one of the two ends.
Exit lines(Session& session, const std::string& target, Patience patience, Session::Show show) {
  Request request{.method = "GET", .target = target, .patience = patience};
  request.line = [&session, show](std::string_view line) {
    session.json(line);
    if (const auto value = document::parseJson(line, "line")) session.people(show(*value, session.colours()));
  };
  const auto answer = session.ask(request);
  if (answer && answer->status < kFirstError) return Exit::kOk;
  if (patience == Patience::kHead && !answer && answer.error().code == base::Errc::kIo)
    return session.told(Exit::kFailed, "the host has ended the stream");
  return session.finish(answer, [](const Value&) {});
}

Exit numbered(Session& session, const Command& command, std::string_view what, Session::Show show) {
  std::string target = fmt::format("/v1/{}?from={}", what, command.given("--from", "0"));
  if (!command.has("--follow")) return lines(session, target, Patience::kAnswer, show);
  return lines(session, target + "&follow=1", Patience::kHead, show);
}

Exit events(Session& session, const Command& command) {
  return numbered(session, command, "events", showEvent);
}

Exit audit(Session& session, const Command& command) {
  return numbered(session, command, "audit", showRecord);
}

// Whoever tails waits for what comes: there is nothing to wait for until it does.
Exit tail(Session& session, const Command& command) {
  std::string target = "/v1/tail";
  for (const std::string_view filter : {"--plugin", "--level", "--kind", "--request", "--trace"}) {
    if (!command.has(filter)) continue;
    target =
        withParameter(target, fmt::format("{}={}", filter.substr(2), percentEncoded(command.given(filter))));
  }
  return lines(session, target, Patience::kHead, showTail);
}

constexpr std::array kSpecs = {
    Spec{"events", "", kQuestion, "--follow --from", "what happened: the last events, oldest first",
         "  --follow   go on with what happens from now on, until Ctrl-C\n"
         "  --from N   begin with event number N\n",
         events},
    Spec{"audit", "", kQuestion, "--follow --from", "who changed what, and who tried",
         "The last 1000 records of the host's audit log, oldest first; with --from 1000 from there on.\n"
         "  --follow   go on with what is changed from now on, until Ctrl-C\n"
         "  --from N   begin with record number N\n",
         audit},
    Spec{"tail", "", kQuestion, "--plugin --level --kind --request --trace",
         "what happens and what is logged, as it comes, until Ctrl-C",
         "  --plugin ID    only of this plugin\n"
         "  --level LEVEL  of the log only what is at least so important\n"
         "  --kind KIND    of the events only this kind, or all that begin with a word and a dot; without "
         "--level no "
         "log\n"
         "  --request ID   only what was done for this request\n"
         "  --trace ID     only what was done for this trace, 32 hex digits\n",
         tail},
};

}  // namespace

std::span<const Spec> watchCommands() { return kSpecs; }

}  // namespace revenge::ctl
