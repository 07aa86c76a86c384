#include <array>

#include <fmt/format.h>

#include "revengectl/session.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

Tone toneOfLevel(const Value& row) {
  return textOf(row, "from") == "operator" ? Tone::kWarning : Tone::kPlain;
}

std::string countOf(const Value& row, std::string_view key) {
  const std::int64_t count = integerOf(row, key);
  return count == 0 ? "-" : fmt::format("{}", count);
}

std::string showLevels(const Value& answer, Colours colours) {
  std::vector<std::vector<Cell>> rows{{{"COMPONENT"}, {"LEVEL"}, {"FROM"}, {"SUPPRESSED"}, {"BREACHES"}}};
  const auto add = [&](const Value& row) {
    rows.push_back({{textOf(row, "name")},
                    {textOf(row, "level"), toneOfLevel(row)},
                    {textOf(row, "from")},
                    {countOf(row, "suppressed")},
                    {countOf(row, "breaches")}});
  };
  if (const Value* all = answer.find("default")) add(*all);
  for (const Value& component : arrayOf(answer, "components")) add(component);
  return table(rows, colours);
}

Exit level(Session& session, const Command& command) {
  if (command.arguments.empty()) return session.question("/v1/log/levels", showLevels);
  if (command.arguments.size() == 1)
    return session.told(Exit::kUsage, "log level: expected a level behind the component, or default");
  const Request request{
      .method = "POST",
      .target = fmt::format("/v1/log/levels?component={}&level={}", percentEncoded(command.arguments[0]),
                            percentEncoded(command.arguments[1]))};
  return session.finish(session.ask(request), [&session](const Value& answer) {
    session.people(fmt::format(
        "  {}: {} -> {}{}\n", textOf(answer, "name"), textOf(answer, "before"), textOf(answer, "level"),
        textOf(answer, "from") == "operator" ? " (until the host ends, or default)" : ""));
  });
}

constexpr std::array kSpecs = {
    Spec{"log level", "[COMPONENT] [LEVEL]", kQuestion, "", "which lines are written, and change it at once",
         "Without operands: the level of each component and whose word it is. COMPONENT: as listed, the id "
         "of a plugin, or\n"
         "default for all that have no level of their own. LEVEL: trace, debug, info, warn, error, off, or "
         "default: what the\n"
         "configuration says. Holds until the host ends.\n",
         level},
};

}  // namespace

std::span<const Spec> logCommands() { return kSpecs; }

}  // namespace revenge::ctl
