#include <array>

#include <fmt/format.h>

#include "revengectl/session.hpp"
#include "revengectl/show_flags.hpp"

namespace revenge::ctl {

namespace {

std::string flagTarget(const Command& command, std::string_view below) {
  return fmt::format("/v1/flags/{}{}", percentEncoded(command.arguments[0]), below);
}

Exit list(Session& session, const Command& /*command*/) { return session.question("/v1/flags", showFlags); }

Exit show(Session& session, const Command& command) {
  return session.question(flagTarget(command, ""), showFlag);
}

Exit explain(Session& session, const Command& command) {
  std::string target = flagTarget(command, "/explain");
  if (command.has("--user"))
    target = withParameter(target, fmt::format("user={}", percentEncoded(command.given("--user"))));
  const std::string attributes = command.given("--attr");
  for (std::size_t begin = 0; begin < attributes.size();) {
    const std::size_t end = std::min(attributes.find('\n', begin), attributes.size());
    target =
        withParameter(target, fmt::format("attr={}", percentEncoded(attributes.substr(begin, end - begin))));
    begin = end + 1;
  }
  return session.question(target, showExplanation);
}

Exit change(Session& session, const Command& command, std::string target) {
  if (command.has("--generation"))
    target = withParameter(target, fmt::format("generation={}", command.given("--generation")));
  if (command.has("--dry-run")) target = withParameter(target, "dry_run=1");
  return session.finish(
      session.ask({.method = "POST", .target = std::move(target)}),
      [&session](const document::Value& edited) { session.people(showEdited(edited, session.colours())); });
}

Exit rollTo(Session& session, const Command& command) {
  return change(session, command,
                flagTarget(command, fmt::format("/rollout?percentage={}",
                                                percentEncoded(command.given("--percentage")))));
}

Exit set(Session& session, const Command& command) {
  const bool rolls = command.has("--percentage");
  if (rolls != (command.arguments.size() < 2))
    return session.told(Exit::kUsage, "flags set: expected either a variant or --percentage P");
  if (rolls) return rollTo(session, command);
  return change(session, command,
                flagTarget(command, fmt::format("/set?variant={}", percentEncoded(command.arguments[1]))));
}

Exit rollOut(Session& session, const Command& command) {
  if (!command.has("--percentage"))
    return session.told(Exit::kUsage, "flags rollout: --percentage is missing");
  return rollTo(session, command);
}

Exit kill(Session& session, const Command& command) {
  return change(session, command, flagTarget(command, "/kill"));
}

constexpr std::string_view kChange = "--generation --dry-run";

constexpr std::array kSpecs = {
    Spec{"flags", "", kQuestion, "", "all flags: what each says, whose it is, who changed it", "", list},
    Spec{"flags show", "KEY", kQuestion, "", "everything about one flag", "", show},
    Spec{"flags set", "KEY [VARIANT]", kOperation, "--percentage --generation --dry-run",
         "what everybody gets whom no rule gives another",
         "VARIANT is on or off, or the name of a variant. A percentage becomes 100 or 0, a kill is taken "
         "back.\n"
         "A flag that is not in the file is defined. The file keeps its comments and its layout.\n"
         "  --percentage P  as flags rollout\n",
         set},
    Spec{"flags rollout", "KEY", kOperation, "--percentage --generation --dry-run",
         "a share of the users, the same ones each time",
         "  --percentage P  from 0 to 100, in steps of 0.001; who is in stays in while it rises\n", rollOut},
    Spec{"flags explain", "KEY", kQuestion, "--user --attr", "what a flag says for somebody, and why",
         "  --user U        the user's key\n"
         "  --attr K=V      what rules may look at, as often as needed; K:=V is a text, whatever it looks "
         "like\n",
         explain},
    Spec{"flags kill", "KEY", kOperation, kChange, "the off variant to everybody, at once", "", kill},
};

}  // namespace

std::span<const Spec> flagsCommands() { return kSpecs; }

}  // namespace revenge::ctl
