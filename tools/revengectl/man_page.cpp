#include "revengectl/man_page.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <revenge/abi/version.h>

#include "revengectl/command_line.hpp"

namespace revenge::ctl {

namespace {

// Nothing of a text is taken for a request or an escape.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    begins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

// Lines of the source stay short; where they break means nothing.
std::string filled(std::string_view text) {
  constexpr std::size_t kWidth = 72;
  std::string out;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (!line.empty() && line.size() + 1 + end > kWidth) {
      out += roff(std::exchange(line, {})) + "\n";
    }
    if (end > 0) line += (line.empty() ? "" : " ") + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return line.empty() ? out : out + roff(line) + "\n";
}

std::string tagged(std::string_view name, std::string_view value, std::string_view text) {
  const std::string shown = value.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(value));
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}", roff(name), shown, filled(text));
}

// Lines that begin with blanks are a list, and stay lines.
std::string paragraphs(std::string_view details) {
  std::string out;
  std::string prose;
  std::string list;
  const auto flush = [&] {
    if (!prose.empty()) out += ".PP\n" + filled(std::exchange(prose, {}));
    if (!list.empty()) out += ".PP\n.nf\n" + roff(std::exchange(list, {})) + ".fi\n";
  };
  while (!details.empty()) {
    const std::string_view line = details.substr(0, details.find('\n') + 1);
    std::string& kind = line.starts_with(' ') ? list : prose;
    if (kind.empty()) flush();
    kind += line.starts_with("  ") ? line.substr(2) : line;
    details.remove_prefix(line.size());
  }
  flush();
  return out;
}

std::string command(const Spec& spec) {
  std::string text = tagged(spec.name, spec.operands, fmt::format("{}.", spec.summary));
  std::string more = paragraphs(spec.details);
  for (const Option& option : optionsOf(spec)) {
    if (!option.summary.empty())
      more += tagged(option.name, option.valued ? option.value : "", option.summary);
  }
  return more.empty() ? text : fmt::format("{}.RS\n{}.RE\n", text, more);
}

constexpr std::string_view kDescription =
    "revengectl asks a running Revenge host through its control socket, and changes what it runs: plugins "
    "are "
    "replaced, switched and rolled back while requests are served. Whoever may open the socket may look; "
    "root and "
    "the user the host runs as may change. Where something is wrong, begin with revengectl doctor.";

constexpr std::string_view kQuestions =
    "Questions what would change (plan, --dry-run, config diff) end with 0 when nothing would, with 1 when "
    "something would, with 10 when it cannot be done.";

}  // namespace

std::string manPage() {
  std::string text = fmt::format(
      ".TH REVENGECTL 1 \"\" \"Revenge {}\" \"User Commands\"\n"
      ".SH NAME\nrevengectl \\- steer a running Revenge host\n"
      ".SH SYNOPSIS\n.B revengectl\n.RI [ option ...]\n.I command\n.RI [ word ...]\n"
      ".SH DESCRIPTION\n{}.SH COMMANDS\n",
      REVENGE_VERSION_STRING, filled(kDescription));
  for (const Spec* const spec : allCommands()) {
    if (spec->listed == Listed::kYes) text += command(*spec);
  }
  text += ".SH OPTIONS\nBefore or after the command.\n";
  for (const CommonOption& option : commonOptions())
    text += tagged(option.name, option.value, option.summary);
  text += ".SH EXIT STATUS\n";
  for (const ExitText& exit : exitTexts())
    text += tagged(fmt::format("{}", static_cast<int>(exit.code)), "", exit.meaning);
  text += ".PP\n" + filled(kQuestions) + ".SH ENVIRONMENT\n";
  text += tagged("REVENGE_SOCKET", "", "The control socket, unless --socket names one.");
  text += tagged("NO_COLOR", "",
                 "Set and not empty: no colours. Nor are there any where the output is no terminal, "
                 "or a dumb one.");
  text += ".SH FILES\n";
  text += tagged("./run/revenge.sock", "", "The control socket of a host started here.");
  return text + tagged("/run/revenge/revenge.sock", "", "The control socket of the system's host.");
}

}  // namespace revenge::ctl
