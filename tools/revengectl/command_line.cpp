#include "revengectl/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace revenge::ctl {

namespace {

using base::Errc;

constexpr std::array kOptions = {
    Option{"--follow"},
    Option{"--dot"},
    Option{"--once"},
    Option{"--dry-run", false, "", "", "say what it would do, and do nothing"},
    Option{"--all"},
    Option{"--enable", false, "", "", "run it: also when it is new, switched off, or older than what runs"},
    Option{"--force", false, "", "", "also what runs, which is stopped first, or what rollback returns to"},
    Option{"--wait", false, "", "", "follow what drains until it has ended, also when not on a terminal"},
    Option{"--config", true, "", "FILE"},
    Option{"--plugin", true, "", "ID"},
    Option{"--level", true, "", "LEVEL"},
    Option{"--kind", true, "", "KIND"},
    Option{"--request", true, "", "ID"},
    Option{"--trace", true, "", "ID"},
    Option{"--from", true, "an event or record"},
    Option{"--percentage", true, "", "P"},
    Option{"--user", true, "", "USER"},
    Option{.name = "--attr", .valued = true, .value = "KEY=VALUE", .repeats = true},
    Option{"--generation", true, "a generation", "N",
           "only if N is the generation that runs (plan shows it)"},
};

constexpr std::array kCommonOptions = {
    CommonOption{
        "--socket", "PATH",
        "the host's control socket (default: $REVENGE_SOCKET, else ./run/revenge.sock where there is "
        "one, else /run/revenge/revenge.sock)"},
    CommonOption{"--host", "URL",
                 "the host over TCP instead, such as https://media:8097 (default: $REVENGE_HOST)"},
    CommonOption{"--token-file", "FILE",
                 "the token that it asks for, in a file (default: $REVENGE_TOKEN_FILE)"},
    CommonOption{"--ca-file", "FILE",
                 "whose certificates of hosts are believed (default: $REVENGE_CA_FILE, else whom the system "
                 "trusts)"},
    CommonOption{"--cert-file", "FILE",
                 "the certificate to show, where it asks for one (default: $REVENGE_CERT_FILE)"},
    CommonOption{"--key-file", "FILE", "its key (default: $REVENGE_KEY_FILE, else the certificate's file)"},
    CommonOption{"--json", "", "print the host's answer as it is, in JSON"},
    CommonOption{"--timeout", "S",
                 "seconds to wait for the answer (default: 10; 130 where something changes)"},
    CommonOption{"--help", "", "this, or the help of the command"},
};

constexpr std::array kExits = {
    ExitText{Exit::kOk, "done"},
    ExitText{Exit::kFailed, "refused or failed; the reason is on standard error, everything is as it was"},
    ExitText{Exit::kUsage, "wrong command line, or a wrong file; nothing was sent"},
    ExitText{Exit::kUnreachable, "the host cannot be reached"},
    ExitText{Exit::kNotFound, "no such plugin, key or folder"},
    ExitText{Exit::kBusy, "busy with another operation on this plugin; try again"},
    ExitText{Exit::kTimedOut, "no answer in time; the operation may still be going on"},
    ExitText{Exit::kStale, "stale: another generation runs than it was decided on; look again"},
    ExitText{Exit::kDenied, "not permitted"},
    ExitText{Exit::kOtherVersion, "the host is of another version and knows no such command"},
    ExitText{Exit::kCannot, "what was asked about (plan, --dry-run, config diff) cannot be done"},
};

// Words in lines of at most 96 columns; all but the first begin below the column the text begins in.
std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kWidth = 96;
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > kWidth) {
      out += fmt::format("\n{:{}}", "", indent);
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

constexpr int kOptionColumn = 17;

std::string optionLine(std::string_view name, std::string_view value, std::string_view summary) {
  return fmt::format("  {:<{}}  {}", fmt::format("{}{}{}", name, value.empty() ? "" : " ", value),
                     kOptionColumn, wrapped(summary, kOptionColumn + 4));
}

std::string ownOptions(const Spec& spec) {
  std::string text;
  for (const Option& option : optionsOf(spec)) {
    if (!option.summary.empty())
      text += optionLine(option.name, option.valued ? option.value : "", option.summary);
  }
  return text;
}

std::string ending() {
  std::string text = "Options, before or after the command:\n";
  for (const CommonOption& option : kCommonOptions)
    text += optionLine(option.name, option.value, option.summary);
  text += "\nExit codes:\n";
  for (const ExitText& exit : kExits)
    text += fmt::format("  {:>2}  {}", static_cast<int>(exit.code), wrapped(exit.meaning, 6));
  return text +
         "Questions what would change (plan, --dry-run, config diff) end with 0: nothing, 1: something, 10: "
         "it "
         "cannot be done.\n";
}

// For every command whose options it is among.
bool takes(const Spec& spec, std::string_view option) {
  return fmt::format(" {} ", spec.options).contains(fmt::format(" {} ", option));
}

std::string ownersOf(std::string_view option) {
  std::string owners;
  for (const Spec* const spec : allCommands()) {
    if (takes(*spec, option)) owners += fmt::format("{}'{}'", owners.empty() ? "" : ", ", spec->name);
  }
  return owners;
}

std::string help() {
  std::string text = "usage: revengectl [OPTION...] COMMAND\n\nSteers a running Revenge host.\n\nCommands:\n";
  for (const Spec* const spec : allCommands()) {
    if (spec->listed == Listed::kYes) text += fmt::format("  {:<24}  {}\n", usage(*spec), spec->summary);
  }
  return fmt::format("{}\n{}", text, ending());
}

std::string help(const Spec& spec) {
  const std::string own = ownOptions(spec);
  return fmt::format("usage: revengectl {}\n\n{}\n{}{}{}\n{}", usage(spec), spec.summary,
                     spec.details.empty() && own.empty() ? "" : "\n", spec.details, own, ending());
}

// What begins with that word and a space: "config get", "config set".
std::vector<const Spec*> groupOf(std::string_view word) {
  std::vector<const Spec*> group = allCommands();
  std::erase_if(group, [&](const Spec* spec) {
    return !spec->name.starts_with(word) || spec->name.size() <= word.size() ||
           spec->name[word.size()] != ' ';
  });
  return group;
}

std::string helpOfGroup(std::string_view word) {
  std::string text = fmt::format("usage: revengectl {} ...\n\nCommands:\n", word);
  for (const Spec* const spec : groupOf(word))
    text += fmt::format("  {:<24}  {}\n", usage(*spec), spec->summary);
  return fmt::format("{}\n{}", text, ending());
}

struct Chosen {
  const Spec* spec = nullptr;
  std::size_t words = 0;  // its own
};

Chosen choose(std::span<const std::string> words) {
  Chosen chosen;
  for (const Spec* const spec : allCommands()) {
    if (spec->name == words[0] && chosen.spec == nullptr) chosen = {spec, 1};
    if (words.size() > 1 && spec->name == fmt::format("{} {}", words[0], words[1])) chosen = {spec, 2};
  }
  if (chosen.spec == nullptr && words.size() > 1) chosen = {commandOfPlugin(words[0]), 0};
  return chosen;
}

std::string unknown(std::span<const std::string> words) {
  const auto group = groupOf(words[0]);
  if (group.empty()) return fmt::format("unknown command '{}'", words[0]);
  std::string names;
  for (const Spec* const spec : group)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", spec->name.substr(words[0].size() + 1));
  if (words.size() < 2) return fmt::format("after '{}' expected one of {}", words[0], names);
  return fmt::format("unknown command '{} {}'; expected one of {}", words[0], words[1], names);
}

bool takesAnyWords(const Spec& spec) { return spec.operands.ends_with("..."); }

bool fits(std::size_t words, const Spec& spec) {
  if (takesAnyWords(spec)) return true;
  if (spec.operands.empty()) return words == 0;
  const auto all = 1 + static_cast<std::size_t>(std::ranges::count(spec.operands, ' '));
  const auto optional = static_cast<std::size_t>(std::ranges::count(spec.operands, '['));
  return words <= all && words >= all - optional;
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

bool isCommonValued(std::string_view name) {
  return std::ranges::any_of(kCommonOptions, [&](const CommonOption& option) {
    return option.name == name && !option.value.empty();
  });
}

bool isNumber(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
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
    const auto own = std::ranges::find(kOptions, name, &Option::name);
    const bool valued = own != kOptions.end() ? own->valued : isCommonValued(name);
    if (valued) {
      if (equals == std::string::npos && left_.empty())
        return base::fail(Errc::kInvalid, "{}: a value is missing", name);
      std::string value = equals == std::string::npos ? take() : argument.substr(equals + 1);
      return own != kOptions.end() ? ownOption(*own, std::move(value)) : commonOption(name, std::move(value));
    }
    if (own != kOptions.end() && equals == std::string::npos) {
      command_.options.emplace(name, "");
    } else if (argument == "--json") {
      command_.format = Format::kJson;
    } else if (argument == "--help" || argument == "-h") {
      wants_help_ = true;
    } else {
      return base::fail(Errc::kInvalid, "unknown option '{}'", argument);
    }
    return {};
  }

  base::Result<> ownOption(const Option& own, std::string value) {
    if (!own.what.empty() && !isNumber(value))
      return base::fail(Errc::kInvalid, "{}: expected the number of {}, got '{}'", own.name, own.what, value);
    const auto [at, first] = command_.options.try_emplace(std::string(own.name), value);
    if (!first) at->second = own.repeats ? at->second + "\n" + value : std::move(value);
    return {};
  }

  base::Result<> commonOption(const std::string& name, std::string value) {
    if (name == "--socket") {
      if (value.empty()) return base::fail(Errc::kInvalid, "--socket: expected a path, got nothing");
      command_.socket = std::move(value);
      return {};
    }
    if (const auto remote = std::ranges::find(kRemoteOptions, name, &RemoteOption::name);
        remote != kRemoteOptions.end()) {
      command_.remote.*(remote->value) = std::move(value);
      return {};
    }
    const auto parsed = parseSeconds(value);
    if (!parsed) return std::unexpected(parsed.error());
    timeout_ = *parsed;
    return {};
  }

  base::Result<Command> finish() {
    if (words_.empty()) {
      if (!wants_help_) return base::fail(Errc::kInvalid, "a command is missing");
      command_.help = help();
      return std::move(command_);
    }
    const auto [spec, used] = choose(words_);
    if (spec == nullptr && wants_help_ && words_.size() == 1 && !groupOf(words_[0]).empty()) {
      command_.help = helpOfGroup(words_[0]);
      return std::move(command_);
    }
    if (spec == nullptr) return base::fail(Errc::kInvalid, "{}", unknown(words_));
    if (wants_help_) {
      command_.help = help(*spec);
      return std::move(command_);
    }
    words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(used));
    const bool empty = std::ranges::any_of(words_, &std::string::empty);
    if (!fits(words_.size(), *spec) || (empty && !takesAnyWords(*spec)))
      return base::fail(Errc::kInvalid, "expected: revengectl {}", usage(*spec));
    for (const auto& [option, value] : command_.options) {
      if (!takes(*spec, option))
        return base::fail(Errc::kInvalid, "{} is an option of {}, not of '{}'", option, ownersOf(option),
                          spec->name);
    }
    command_.spec = spec;
    command_.arguments = std::move(words_);
    command_.timeout = timeout_.value_or(spec->timeout);
    command_.timeout_given = timeout_.has_value();
    return std::move(command_);
  }

  std::span<const std::string> left_;
  std::vector<std::string> words_;
  std::optional<base::Duration> timeout_;
  bool wants_help_ = false;
  Command command_;
};

}  // namespace

std::string Command::given(std::string_view option, std::string_view otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? std::string(otherwise) : found->second;
}

std::string usage(const Spec& spec) {
  return fmt::format("{}{}{}", spec.name, spec.operands.empty() ? "" : " ", spec.operands);
}

std::vector<Option> optionsOf(const Spec& spec) {
  std::vector<Option> own;
  for (const Option& option : kOptions) {
    if (takes(spec, option.name)) own.push_back(option);
  }
  return own;
}

std::span<const CommonOption> commonOptions() { return kCommonOptions; }
std::span<const ExitText> exitTexts() { return kExits; }

const Spec* commandOfPlugin(std::string_view word) {
  const std::vector<const Spec*> all = allCommands();
  const bool is_taken = std::ranges::any_of(all, [&](const Spec* spec) { return spec->name == word; });
  if (is_taken || !groupOf(word).empty()) return nullptr;
  const auto run = std::ranges::find(all, "run", &Spec::name);
  return run == all.end() ? nullptr : *run;
}

std::vector<const Spec*> allCommands() {
  std::vector<const Spec*> all;
  for (const std::span<const Spec> group :
       {pluginCommands(), packageCommands(), runCommands(), watchCommands(), configCommands(),
        flagsCommands(), logCommands(), topCommands(), healthCommands(), hostCommands(), doctorCommands(),
        shellCommands()}) {
    for (const Spec& spec : group) all.push_back(&spec);
  }
  return all;
}

base::Result<Command> parseCommandLine(std::span<const std::string> arguments) {
  return Parser(arguments).parse();
}

}  // namespace revenge::ctl
