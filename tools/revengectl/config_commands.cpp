#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "revengectl/plan_file.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show_config.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

std::string asked(std::string target, const Command& command) {
  if (command.has("--generation"))
    target = withParameter(target, fmt::format("generation={}", command.given("--generation")));
  if (command.has("--dry-run")) target = withParameter(target, "dry_run=1");
  if (command.has("--all")) target = withParameter(target, "all=1");
  return target;
}

std::string keyed(std::string_view path, const Command& command) {
  const std::string key = command.arguments.empty() ? "" : command.arguments[0];
  return fmt::format("/v1/config{}?key={}", path, percentEncoded(key));
}

Exit change(Session& session, const Command& command, std::string target, std::string body = {}) {
  return session.finish(
      session.ask({.method = "POST", .target = asked(std::move(target), command), .body = std::move(body)}),
      [&session](const Value& outcome) { session.people(showOutcome(outcome, session.colours())); });
}

Exit get(Session& session, const Command& command) {
  return session.question(keyed("", command), showValues);
}
Exit explain(Session& session, const Command& command) {
  return session.question(keyed("/explain", command), showExplained);
}
Exit history(Session& session, const Command& /*command*/) {
  return session.question("/v1/config/history", showHistory);
}

Exit set(Session& session, const Command& command) {
  std::string value = command.arguments[1];
  if (value == "-") {
    auto read = readText(value);
    if (!read) return session.told(Exit::kUsage, read.error().message);
    value = std::move(*read);
  }
  return change(session, command, keyed("/set", command), std::move(value));
}
Exit unset(Session& session, const Command& command) {
  return change(session, command, keyed("/unset", command));
}
Exit rollback(Session& session, const Command& command) {
  return change(session, command,
                fmt::format("/v1/config/rollback?number={}", percentEncoded(command.arguments[0])));
}
Exit reload(Session& session, const Command& command) {
  return change(session, command, "/v1/config/reload");
}

// A draft by its whole name, as the host knows its own files.
base::Result<Request> draft(std::string_view target, const std::string& file) {
  auto text = readText(file);
  if (!text) return std::unexpected(text.error());
  std::error_code failed;
  const auto whole =
      file == "-" ? std::filesystem::path("standard input") : std::filesystem::absolute(file, failed);
  return Request{.method = "POST",
                 .target = fmt::format("{}?name={}", target, percentEncoded(whole.string())),
                 .body = std::move(*text)};
}

Exit diff(Session& session, const Command& command) {
  base::Result<Request> request = Request{.method = "GET", .target = "/v1/config/diff"};
  if (!command.arguments.empty()) request = draft("/v1/config/diff", command.arguments[0]);
  if (!request) return session.told(Exit::kUsage, request.error().message);
  bool differs = false;
  const Exit ended = session.finish(session.ask(*request), [&](const Value& answer) {
    differs = !arrayOf(answer, "differences").empty();
    session.people(showDifferences(answer, session.colours()));
  });
  if (ended == Exit::kFailed) return Exit::kCannot;
  return ended == Exit::kOk && differs ? kWouldChange : ended;
}

Exit validate(Session& session, const Command& command) {
  const auto request = draft("/v1/config/validate", command.arguments[0]);
  if (!request) return session.told(Exit::kUsage, request.error().message);
  bool valid = false;
  const Exit ended = session.finish(session.ask(*request), [&](const Value& verdict) {
    valid = flagOf(verdict, "valid");
    for (const Value& warning : arrayOf(verdict, "warnings")) {
      if (warning.text() != nullptr) session.people(fmt::format("  warning: {}\n", escaped(*warning.text())));
    }
    for (const Value& problem : arrayOf(verdict, "problems")) {
      if (problem.text() != nullptr) (void)session.told(Exit::kFailed, *problem.text());
    }
    if (valid) session.people("  valid\n");
  });
  return ended == Exit::kOk && !valid ? Exit::kFailed : ended;
}

constexpr std::array kSpecs = {
    Spec{"config get", "[KEY]", kQuestion, "", "values in force, each with where it comes from",
         "KEY is one value or a section, such as http.port or plugins.stream; without it all are shown.\n",
         get},
    Spec{"config set", "KEY VALUE", kOperation, "--dry-run --generation",
         "set a value in the local layer, and take it at once",
         "VALUE is YAML: 80, true, [a, b]; - reads it from standard input. It is written to the local file "
         "beside the\n"
         "configuration (revenge.local.yaml), comments and layout of it kept, when everybody has taken it; "
         "refused, it\n"
         "changes nothing.\n",
         set},
    Spec{"config unset", "KEY", kOperation, "--dry-run --generation",
         "take a value out of the local layer, and out of force", "", unset},
    Spec{"config diff", "[FILE]", kQuestion, "", "what would change: the files on disk against what runs",
         "With FILE: if it stood in the place of the main file; - is standard input.\n", diff},
    Spec{"config validate", "FILE", kQuestion, "", "every mistake in a file, as if it were the main file",
         "Held against the schemas of the host and of every installed plugin, together with the other "
         "layers. Plugins\n"
         "themselves are not asked. - is standard input.\n",
         validate},
    Spec{"config explain", "KEY", kQuestion, "",
         "what a key means, every layer's value of it, and which one wins", "", explain},
    Spec{"config history", "", kQuestion, "", "the last 20 configurations, and what was refused since", "",
         history},
    Spec{"config rollback", "N", kOperation, "--dry-run --generation",
         "make the files again what they were in configuration N",
         "Main file, local file and drop-ins become what they were, and are taken at once, as a new "
         "configuration. Files\n"
         "of secrets, environment and command line are not touched.\n",
         rollback},
    Spec{"config reload", "", kOperation, "--all --generation", "take the files as they are on disk now",
         "  --all   give it to every plugin, changed or not\n", reload},
};

}  // namespace

std::span<const Spec> configCommands() { return kSpecs; }

}  // namespace revenge::ctl
