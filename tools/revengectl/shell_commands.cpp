#include <array>

#include <fmt/format.h>

#include "document/json.hpp"
#include "revengectl/completion.hpp"
#include "revengectl/man_page.hpp"
#include "revengectl/session.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

Exit printed(const Session& session, std::string_view name, std::string_view text) {
  session.people(text);
  session.json(document::writeJson(Value(document::Object{{std::string(name), text, {}}})));
  return Exit::kOk;
}

Exit completion(Session& session, const Command& command) {
  const std::string& shell = command.arguments[0];
  const std::string_view script = completionScript(shell);
  if (!script.empty()) return printed(session, "script", script);
  return session.told(Exit::kUsage, fmt::format("expected bash, zsh or fish, got '{}'", shell));
}

Exit answerShell(Session& session, const Command& command) {
  const Completion found = complete(command.arguments, session.around());
  std::string lines;
  document::Array words;
  for (const Candidate& candidate : found.candidates) {
    lines += fmt::format("{}\t{}\n", candidate.word, candidate.summary);
    words.emplace_back(candidate.word);
  }
  session.people(lines + (found.files ? ":files\n" : ""));
  session.json(document::writeJson(
      Value(document::Object{{"words", Value(std::move(words)), {}}, {"files", found.files, {}}})));
  return Exit::kOk;
}

Exit man(Session& session, const Command& /*command*/) { return printed(session, "man", manPage()); }

constexpr std::array kSpecs = {
    Spec{"completion", "bash|zsh|fish", kQuestion, "",
         "print the script by which a shell completes these commands",
         "  bash   source <(revengectl completion bash)\n"
         "  zsh    source <(revengectl completion zsh), after compinit\n"
         "  fish   revengectl completion fish | source\n",
         completion},
    Spec{"complete", "[WORD]...", kQuestion, "", "what may stand next; asked by the scripts of completion",
         "", answerShell, Listed::kNo},
    Spec{"man", "", kQuestion, "", "print the manual page, as roff", "", man, Listed::kNo},
};

}  // namespace

std::span<const Spec> shellCommands() { return kSpecs; }

}  // namespace revenge::ctl
