#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "document/json.hpp"
#include "revengectl/follow_drain.hpp"
#include "revengectl/plan_file.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show.hpp"
#include "revengectl/show_plan.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

enum class Steps : std::uint8_t { kOfOne, kOfMany };
enum class Afterwards : std::uint8_t { kReturn, kFollow };  // what drains

// A change: in JSON the report alone; for people each step as it happens. The last line is the report or the error.
class Change {
 public:
  Change(Session& session, Steps steps, Afterwards afterwards = Afterwards::kReturn)
      : session_(session), steps_(steps), afterwards_(afterwards) {}

  Exit run(Request request) {
    if (!session_.forPeople()) {
      const auto answer = session_.ask(request);
      if (afterwards_ == Afterwards::kFollow && answer && answer->status < kFirstError) {
        if (const auto value = document::parseJson(answer->body, "report", kAnswerLimits)) drained(*value);
      }
      return session_.finish(answer, [](const Value&) {});
    }
    request.target = withParameter(request.target, "progress=1");
    std::string last;
    request.line = [this, &last](std::string_view line) {
      const auto value = document::parseJson(line, "progress", kAnswerLimits);
      if (value && value->find("note") != nullptr) return note(*value);
      if (value && value->find("step") != nullptr) return step(*value);
      last = line;
    };
    auto answer = session_.ask(request);
    if (answer && answer->status < kFirstError) answer->body = std::move(last);
    return session_.finish(answer, [this](const Value& value) { report(value); });
  }

 private:
  // Whose steps follow is said where that changes.
  void step(const Value& value) {
    std::string begin = session_.inLine() ? "" : "  ";
    const std::string plugin = textOf(value, "plugin");
    if (steps_ == Steps::kOfMany && std::exchange(stepping_, plugin) != plugin) begin += plugin + " ";
    session_.people(begin + showStep(value));
    session_.inLine(true);
  }

  void note(const Value& value) {
    session_.people(fmt::format("{}  {}\n", session_.inLine() ? "\n" : "", textOf(value, "note")));
    session_.inLine(false);
  }

  void report(const Value& value) {
    if (steps_ == Steps::kOfOne) {
      session_.people((session_.inLine() ? "" : "  ") + showReport(value, session_.colours()));
      session_.inLine(false);
      if (afterwards_ == Afterwards::kFollow) {
        drained(value);
      } else {
        session_.people(showDraining(value, session_.colours()));
      }
    } else {
      session_.people((session_.inLine() ? "\n" : "") + showApplied(value, session_.colours()));
    }
    session_.inLine(false);
  }

  void drained(const Value& value) const {
    if (const std::string from = rawText(value, "from"); !from.empty())
      followDrain(session_, rawText(value, "id"), from);
  }

  Session& session_;
  const Steps steps_;
  const Afterwards afterwards_;
  std::string stepping_;  // the plugin whose steps they are
};

std::string pluginTarget(const Command& command, std::string_view below) {
  return fmt::format("/v1/plugins/{}{}", percentEncoded(command.arguments[0]), below);
}

Exit list(Session& session, const Command& /*command*/) {
  const auto listing = session.ask({.method = "GET", .target = "/v1/plugins"});
  return session.finish(listing, [&session](const Value& plugins) {
    if (!session.forPeople()) return;
    // Of an older host there is none to be had, and none to be told of.
    const auto traffic = session.ask({.method = "GET", .target = "/v1/top"});
    const auto top = traffic && traffic->status < kFirstError
                         ? document::parseJson(traffic->body, "top", kAnswerLimits)
                         : base::Result<Value>(Value());
    session.people(showListing(plugins, top.value_or(Value()), session.colours()));
  });
}
Exit show(Session& session, const Command& command) {
  return session.question(pluginTarget(command, ""), showPlugin);
}
Exit why(Session& session, const Command& command) {
  return session.question(pluginTarget(command, "/why"), showCause);
}
Exit graph(Session& session, const Command& command) {
  return session.question("/v1/graph", command.has("--dot") ? showDot : showGraph);
}

// Switched on what runs, or off what does not, nothing changes.
bool changesAnything(const Value& outlook) {
  for (const Value& item : arrayOf(outlook, "changes")) {
    const std::string verb = textOf(item, "change");
    if ((verb != "enable" && verb != "disable") || textOf(item, "from") != textOf(item, "to")) return true;
  }
  return false;
}

Exit outlook(Session& session, std::string body) {
  const auto answer = session.ask({.method = "POST", .target = "/v1/plan", .body = std::move(body)});
  bool feasible = false;
  bool changes = false;
  const Exit ended = session.finish(answer, [&](const Value& would) {
    feasible = flagOf(would, "feasible");
    changes = changesAnything(would);
    session.people(showOutlook(would, session.colours()));
  });
  if (ended == Exit::kFailed || (ended == Exit::kOk && !feasible)) return Exit::kCannot;
  return ended == Exit::kOk && changes ? kWouldChange : ended;
}

// What a plan of one would do.
Exit foresee(Session& session, const Command& command, const std::string& path) {
  const std::string verb(command.spec->name);
  Value change(document::Object{{"plugin", command.arguments[0], {}},
                                {verb, path.empty() ? Value(true) : Value(path), {}}});
  document::Object plan{{"changes", Value(document::Array{std::move(change)}), {}}};
  if (command.has("--generation"))
    plan.push_back({"generation", static_cast<std::int64_t>(std::stoull(command.given("--generation"))), {}});
  return outlook(session, document::writeJson(Value(std::move(plan))));
}

Afterwards follows(const Session& session, const Command& command) {
  const bool watched = session.forPeople() && session.around().output == Output::kTerminal;
  return watched || command.has("--wait") ? Afterwards::kFollow : Afterwards::kReturn;
}

Exit operate(Session& session, const Command& command) {
  std::string target = pluginTarget(command, fmt::format("/{}", command.spec->name));
  std::string path;
  if (command.arguments.size() > 1) {
    std::error_code failed;
    path = std::filesystem::absolute(command.arguments[1], failed);
    target = withParameter(target, fmt::format("path={}", percentEncoded(path)));
  }
  if (command.has("--dry-run")) return foresee(session, command, path);
  if (command.has("--generation"))
    target = withParameter(target, fmt::format("generation={}", command.given("--generation")));
  return Change(session, Steps::kOfOne, follows(session, command))
      .run({.method = "POST", .target = std::move(target)});
}

Exit plan(Session& session, const Command& command) {
  auto body = readPlan(command.arguments[0], {});
  if (!body) return session.told(Exit::kUsage, body.error().message);
  return outlook(session, std::move(*body));
}

Exit apply(Session& session, const Command& command) {
  std::optional<std::uint64_t> generation;
  if (command.has("--generation")) generation = std::stoull(command.given("--generation"));
  auto body = readPlan(command.arguments[0], generation);
  if (!body) return session.told(Exit::kUsage, body.error().message);
  return Change(session, Steps::kOfMany)
      .run({.method = "POST", .target = "/v1/apply", .body = std::move(*body)});
}

constexpr std::array kSpecs = {
    Spec{"list", "", kQuestion, "", "all plugins, and old versions that are still draining",
         "REQ/S to CPU are of the last five to ten seconds, CPU as the share of one core. INSIDE counts the "
         "calls\n"
         "and leases inside a plugin at this moment. Indented rows are earlier loads "
         "that\n"
         "have not ended: what holds each stands beside it.\n",
         list},
    Spec{"show", "ID", kQuestion, "", "everything about one plugin",
         "Folder, hash, state, what rollback would return to, and every load of it in this process.\n", show},
    Spec{"enable", "ID", kOperation, "--generation --dry-run",
         "start a plugin, now and at every start of the host", "Also another try for a plugin that failed.\n",
         operate},
    Spec{"disable", "ID", kOperation, "--generation --dry-run --wait",
         "stop a plugin, now and at every start of the host",
         "Its routes go at once; calls inside it end in peace.\n", operate},
    Spec{"reload", "ID", kOperation, "--generation --dry-run --wait",
         "take configuration and package as they are on disk now",
         "A plugin that can takes its configuration live; a package whose bytes changed is swapped in.\n",
         operate},
    Spec{"swap", "ID PATH", kOperation, "--generation --dry-run --wait",
         "replace a plugin by the version in folder PATH",
         "The old version serves until the new one is healthy, and goes on serving when the new one fails.\n"
         "On a terminal it goes on to show what the old one waits for; Ctrl-C leaves it draining, and does "
         "not "
         "undo a swap that has begun.\n",
         operate},
    Spec{"rollback", "ID", kOperation, "--generation --dry-run --wait",
         "return to the version before the last swap", "", operate},
    Spec{"release", "ID", kOperation, "",
         "let a plugin start again that is quarantined for a crash or its conduct",
         "What led there is shown by `revengectl why`.\n", operate},
    Spec{"plan", "FILE", kOperation, "", "show what a file of changes would do, and do nothing",
         "FILE is YAML or JSON, - is standard input; docs/file-formats.md describes it. The generation it "
         "shows is\n"
         "the one to apply them on.\n",
         plan},
    Spec{"apply", "FILE", kOperation, "--generation",
         "make the changes in a file: all of them in one step, or none",
         "FILE as for plan. Without --generation its own counts, where it names one.\n", apply},
    Spec{"why", "ID", kQuestion, "", "why a plugin is as it is, and what is behind that", "", why},
    Spec{"graph", "", kQuestion, "--dot", "which plugin uses which, and what is missing",
         "Below each plugin are those it uses.\n"
         "  --dot   as a graph for dot(1)\n",
         graph},
};

}  // namespace

std::span<const Spec> pluginCommands() { return kSpecs; }

}  // namespace revenge::ctl
