#include "revengectl/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace revenge::ctl {

namespace {

using base::Errc;
using std::chrono::seconds;

struct Spec {
  std::string_view name;
  Verb verb;
  std::string_view operands;  // words, as --help shows them
  seconds timeout;
  std::string_view options;  // that only some commands take
  std::string_view summary;
  std::string_view details;
};

// The host gives an operation 120 s before it answers "timed out"; its answer is worth those seconds more.
constexpr seconds kQuestion{10};
constexpr seconds kOperation{130};

constexpr std::array kSpecs = {
    Spec{"list", Verb::kList, "", kQuestion, "", "all plugins, and old versions that are still draining",
         "INSIDE counts the calls and leases inside a plugin at this moment. Indented rows are earlier loads "
         "that\n"
         "have not ended: what holds each stands beside it.\n"},
    Spec{"show", Verb::kShow, "ID", kQuestion, "", "everything about one plugin",
         "Folder, hash, state, what rollback would return to, and every load of it in this process.\n"},
    Spec{"enable", Verb::kEnable, "ID", kOperation, "--generation",
         "start a plugin, now and at every start of the host",
         "Also another try for a plugin that failed.\n"},
    Spec{"disable", Verb::kDisable, "ID", kOperation, "--generation",
         "stop a plugin, now and at every start of the host",
         "Its routes go at once; calls inside it end in peace.\n"},
    Spec{"reload", Verb::kReload, "ID", kOperation, "--generation",
         "take configuration and package as they are on disk now",
         "A plugin that can takes its configuration live; a package whose bytes changed is swapped in.\n"},
    Spec{"swap", Verb::kSwap, "ID PATH", kOperation, "--generation",
         "replace a plugin by the version in folder PATH",
         "The old version serves until the new one is healthy, and goes on serving when the new one fails.\n"
         "Ctrl-C does not undo a swap that has begun.\n"},
    Spec{"rollback", Verb::kRollback, "ID", kOperation, "--generation",
         "return to the version before the last swap", ""},
    Spec{"plan", Verb::kPlan, "FILE", kOperation, "", "show what a file of changes would do, and do nothing",
         "FILE is YAML or JSON, - is standard input; docs/file-formats.md describes it. Ends with 1 when the "
         "changes\n"
         "cannot be made. The generation it shows is the one to apply them on.\n"},
    Spec{"apply", Verb::kApply, "FILE", kOperation, "--generation",
         "make the changes in a file: all of them in one step, or none",
         "FILE as for plan. Without --generation its own counts, where it names one.\n"},
    Spec{"why", Verb::kWhy, "ID", kQuestion, "", "why a plugin is as it is, and what is behind that", ""},
    Spec{"graph", Verb::kGraph, "", kQuestion, "--dot", "which plugin uses which, and what is missing",
         "Below each plugin are those it uses.\n"
         "  --dot   as a graph for dot(1)\n"},
    Spec{"events", Verb::kEvents, "", kQuestion, "--follow --from",
         "what happened: the last events, oldest first",
         "  --follow   go on with what happens from now on, until Ctrl-C\n"
         "  --from N   begin with event number N\n"},
    Spec{"status", Verb::kStatus, "", kQuestion, "", "version, health and addresses of the host", ""},
    Spec{"stop", Verb::kStop, "", kQuestion, "", "ask the host to stop in order",
         "Returns when the host has begun to stop.\n"},
    Spec{"version", Verb::kVersion, "", kQuestion, "", "version of revengectl itself; asks no host", ""},
};

constexpr std::string_view kOptions =
    "Options, before or after the command:\n"
    "  --socket PATH   the host's control socket (default: $REVENGE_SOCKET, else ./run/revenge.sock where "
    "there is\n"
    "                  one, else /run/revenge/revenge.sock)\n"
    "  --json          print the host's answer as it is, in JSON\n"
    "  --timeout S     seconds to wait for the answer (default: 10; 130 where something changes)\n"
    "  --generation N  where something changes: only if N is the generation that runs (plan shows it)\n"
    "  --help          this, or the help of the command\n";

constexpr std::string_view kExits =
    "Exit codes:\n"
    "  0 done   1 refused or failed   2 wrong command line or file   3 the host cannot be reached\n"
    "  4 no such plugin or folder   5 busy with another operation on this plugin   6 timed out\n"
    "  7 stale: another generation runs than was decided on\n";

// For every command whose options it is among.
bool takes(const Spec& spec, std::string_view option) {
  return fmt::format(" {} ", spec.options).contains(fmt::format(" {} ", option));
}

std::string ownersOf(std::string_view option) {
  std::string owners;
  for (const Spec& spec : kSpecs) {
    if (takes(spec, option)) owners += fmt::format("{}'{}'", owners.empty() ? "" : ", ", spec.name);
  }
  return owners;
}

const Spec* specOf(std::string_view name) {
  const auto found = std::ranges::find(kSpecs, name, &Spec::name);
  return found == kSpecs.end() ? nullptr : &*found;
}

std::size_t operandsOf(const Spec& spec) {
  if (spec.operands.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::ranges::count(spec.operands, ' '));
}

std::string usage(const Spec& spec) {
  return fmt::format("{}{}{}", spec.name, spec.operands.empty() ? "" : " ", spec.operands);
}

std::string help() {
  std::string text = "usage: revengectl [OPTION...] COMMAND\n\nSteers a running Revenge host.\n\nCommands:\n";
  for (const Spec& spec : kSpecs) text += fmt::format("  {:<14}  {}\n", usage(spec), spec.summary);
  return fmt::format("{}\n{}\n{}", text, kOptions, kExits);
}

std::string help(const Spec& spec) {
  return fmt::format("usage: revengectl {}\n\n{}\n{}{}\n{}\n{}", usage(spec), spec.summary,
                     spec.details.empty() ? "" : "\n", spec.details, kOptions, kExits);
}

base::Result<base::Duration> parseSeconds(const std::string& text) {
  constexpr double kLongest = 1e6;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(value > 0) || value > kLongest) {
    return base::fail(Errc::kInvalid, "--timeout: expected seconds above 0, got '{}'", text);
  }
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(value));
}

base::Result<std::uint64_t> parseNumber(std::string_view option, std::string_view what,
                                        const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return number;
  return base::fail(Errc::kInvalid, "{}: expected the number of {}, got '{}'", option, what, text);
}

// One walk over the arguments; words that are no options are gathered in order.
class Parser {
 public:
  explicit Parser(std::span<const std::string> arguments) : left_(arguments) {}

  base::Result<Command> parse() {
    while (!left_.empty()) {
      const std::string argument = take();
      if (argument == "--") {
        words_.insert(words_.end(), left_.begin(), left_.end());
        break;
      }
      if (!argument.starts_with('-') || argument == "-") {
        words_.push_back(argument);
      } else if (auto ok = option(argument); !ok) {
        return std::unexpected(ok.error());
      }
    }
    return finish();
  }

 private:
  std::string take() {
    std::string first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }

  base::Result<> option(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const bool valued =
        name == "--socket" || name == "--timeout" || name == "--from" || name == "--generation";
    if (valued) {
      if (equals == std::string::npos && left_.empty())
        return base::fail(Errc::kInvalid, "{}: a value is missing", name);
      return valueOf(name, equals == std::string::npos ? take() : argument.substr(equals + 1));
    }
    if (argument == "--json") {
      command_.format = Format::kJson;
    } else if (argument == "--follow") {
      command_.follow = Follow::kYes;
      own_.push_back(argument);
    } else if (argument == "--dot") {
      command_.shape = Shape::kDot;
      own_.push_back(argument);
    } else if (argument == "--help" || argument == "-h") {
      wants_help_ = true;
    } else {
      return base::fail(Errc::kInvalid, "unknown option '{}'", argument);
    }
    return {};
  }

  base::Result<> valueOf(const std::string& name, std::string value) {
    if (name == "--socket") {
      if (value.empty()) return base::fail(Errc::kInvalid, "--socket: expected a path, got nothing");
      command_.socket = std::move(value);
      return {};
    }
    if (name == "--from" || name == "--generation") {
      own_.push_back(name);
      return numberOf(name, std::move(value));
    }
    const auto parsed = parseSeconds(value);
    if (!parsed) return std::unexpected(parsed.error());
    timeout_ = *parsed;
    return {};
  }

  base::Result<> numberOf(const std::string& name, std::string value) {
    const bool from = name == "--from";
    const auto number = parseNumber(name, from ? "an event" : "a generation", value);
    if (!number) return std::unexpected(number.error());
    if (from) {
      command_.from = std::move(value);
    } else {
      command_.generation = *number;
    }
    return {};
  }

  base::Result<Command> finish() {
    if (words_.empty()) {
      if (!wants_help_) return base::fail(Errc::kInvalid, "a command is missing");
      command_.help = help();
      return std::move(command_);
    }
    const Spec* const spec = specOf(words_.front());
    if (spec == nullptr) return base::fail(Errc::kInvalid, "unknown command '{}'", words_.front());
    if (wants_help_) {
      command_.help = help(*spec);
      return std::move(command_);
    }
    words_.erase(words_.begin());
    const bool empty = std::ranges::any_of(words_, &std::string::empty);
    if (words_.size() != operandsOf(*spec) || empty) {
      return base::fail(Errc::kInvalid, "expected: revengectl {}", usage(*spec));
    }
    for (const std::string& option : own_) {
      if (!takes(*spec, option))
        return base::fail(Errc::kInvalid, "{} is an option of {}, not of '{}'", option, ownersOf(option),
                          spec->name);
    }
    command_.verb = spec->verb;
    command_.arguments = std::move(words_);
    command_.timeout = timeout_.value_or(spec->timeout);
    return std::move(command_);
  }

  std::span<const std::string> left_;
  std::vector<std::string> words_;
  std::optional<base::Duration> timeout_;
  std::vector<std::string> own_;  // options given that only some commands take
  bool wants_help_ = false;
  Command command_;
};

}  // namespace

base::Result<Command> parseCommandLine(std::span<const std::string> arguments) {
  return Parser(arguments).parse();
}

}  // namespace revenge::ctl
