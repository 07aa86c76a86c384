#include <algorithm>
#include <array>
#include <charconv>

#include "revengectl/session.hpp"
#include "revengectl/show_command.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using document::Value;

// By the type that the schema gives the argument; what cannot be read as that stays a text, and the host says what is wrong.
Value valueOf(std::string text, const Value* argument) {
  const std::string type = argument != nullptr ? rawText(*argument, "type") : "";
  if (type == "boolean" && (text == "yes" || text == "true")) return Value(true);
  if (type == "boolean" && (text == "no" || text == "false")) return Value(false);
  if (type == "integer" || type == "number" || type == "array" || type == "object") {
    if (auto parsed = document::parseJson(text, "value")) return std::move(*parsed);
  }
  return Value(std::move(text));
}

const Value* commandNamed(const Value& listed, std::string_view name) {
  const document::Array& commands = arrayOf(listed, "commands");
  const auto found = std::ranges::find(commands, name, [](const Value& one) { return rawText(one, "name"); });
  return found == commands.end() ? nullptr : &*found;
}

base::Result<std::string> bodyOf(std::span<const std::string> words, const Value* command) {
  document::Object object;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos)
      return base::fail(Errc::kInvalid, "expected KEY=VALUE, got '{}'", word);
    std::string key = word.substr(0, equals);
    const Value* const properties = command != nullptr ? command->at("/arguments/properties") : nullptr;
    const Value* const argument =
        properties != nullptr && properties->object() != nullptr ? properties->find(key) : nullptr;
    object.push_back({std::move(key), valueOf(word.substr(equals + 1), argument), {}});
  }
  return document::writeJson(Value(std::move(object)));
}

// Asked first what the command takes, and how long it may take. An answer that is no list is told as it is.
Exit runOf(Session& session, const Command& command, const std::string& plugin, const std::string& name,
           std::span<const std::string> words) {
  const std::string target = fmt::format("/v1/plugins/{}/commands", percentEncoded(plugin));
  const auto listing = session.ask({.method = "GET", .target = target});
  if (!listing || listing->status >= kFirstError) return session.finish(listing, [](const Value&) {});
  const auto listed = document::parseJson(listing->body, "answer", kAnswerLimits);
  if (!listed || listed->object() == nullptr) return session.finish(listing, [](const Value&) {});
  const Value* const known = commandNamed(*listed, name);
  const auto body = bodyOf(words, known);
  if (!body) return session.told(Exit::kUsage, body.error().message);
  Request request{
      .method = "POST", .target = fmt::format("{}/{}", target, percentEncoded(name)), .body = *body};
  if (command.has("--dry-run")) request.target = withParameter(request.target, "dry_run=1");
  // Its own answer "timed out" is worth some seconds more.
  if (known != nullptr && !command.timeout_given) {
    constexpr double kMore = 10;
    request.timeout = std::chrono::duration_cast<base::Duration>(
        std::chrono::duration<double>(numberOf(*known, "timeout_s") + kMore));
  }
  return session.finish(session.ask(request),
                        [&](const Value& value) { session.people(showAnswer(value, session.colours())); });
}

Exit run(Session& session, const Command& command) {
  const std::vector<std::string>& words = command.arguments;
  if (words.empty() || words[0].empty() || (words.size() > 1 && words[1].empty()))
    return session.told(Exit::kUsage, fmt::format("expected: revengectl {}", usage(*command.spec)));
  if (words.size() == 1)
    return session.question(fmt::format("/v1/plugins/{}/commands", percentEncoded(words[0])), showCommands);
  return runOf(session, command, words[0], words[1], std::span(words).subspan(2));
}

Exit database(Session& session, const Command& command) {
  const std::string name(command.spec->name.substr(command.spec->name.find(' ') + 1));
  return runOf(session, command, "database", name, command.arguments);
}

constexpr std::array kSpecs = {
    Spec{"run", "ID [COMMAND] [KEY=VALUE]...", kQuestion, "--dry-run",
         "run a command of a plugin; without COMMAND, list those it has",
         "Waits for as long as the command says it may take. Ctrl-C asks it to end.\n"
         "`ID COMMAND` alone is the same, where no command of revengectl begins with that word.\n",
         run},
    Spec{"db status", "", kQuestion, "",
         "the database: where and how large it is, its schemas, its last backup",
         "The db commands are those of the plugin 'database': run database COMMAND.\n", database},
    Spec{"db plan", "", kQuestion, "", "which migrations have run, are due, or wait for contract", "",
         database},
    Spec{"db contract", "[schema=NAME]", kQuestion, "--dry-run",
         "run the contract steps that wait: the version that runs becomes permanent",
         "Versions before it are refused from then on. Without schema=: of all.\n", database},
    Spec{"db backup", "[file=PATH]", kQuestion, "", "write a backup while the database is in use",
         "PATH is absolute, on the host's machine; without it, a new name in the folder of backups.\n",
         database},
    Spec{"db restore", "file=PATH [confirm=yes] [save=no]", kQuestion, "",
         "replace what the database holds by what a backup holds",
         "The backup is checked before anything is touched. What was written since it was made is lost.\n",
         database},
    Spec{"db check", "", kQuestion, "", "whether the database is whole", "", database},
    Spec{"db optimize", "", kQuestion, "", "renew what the database knows of its tables", "", database},
};

}  // namespace

std::span<const Spec> runCommands() { return kSpecs; }

}  // namespace revenge::ctl
