#include "revengectl/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "document/json.hpp"
#include "revengectl/command_line.hpp"
#include "revengectl/session.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

// Where the host tells the words that an operand of this name may be.
struct Source {
  std::string_view operand;
  std::string_view target;
  std::string_view list;
  std::string_view member;   // of each item
  std::string_view summary;  // likewise
};
constexpr std::array kSources = {
    Source{"ID", "/v1/plugins", "plugins", "id", "state"},
    Source{"FLAG", "/v1/flags", "flags", "key", "owner"},
    Source{"KEY", "/v1/config", "keys", "key", "description"},
};

constexpr std::chrono::seconds kPatience{1};

// A shell puts it on the command line: nothing that it could take for more than a word.
bool isPlain(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.+@/[]").contains(c);
  });
}

bool namesFiles(std::string_view operand) { return operand == "FILE" || operand == "PATH"; }

// bash cuts a line at '=' too: --socket = /x becomes one word again.
std::vector<std::string> rejoined(std::span<const std::string> words) {
  std::vector<std::string> joined;
  for (const std::string& word : words) {
    const bool follows = !joined.empty() && joined.back().starts_with("--");
    const bool value = follows && joined.back().ends_with('=');
    if ((follows && word == "=") || value) {
      joined.back() += word;
    } else {
      joined.push_back(word);
    }
  }
  return joined;
}

// What its value is called; none: it takes no value, or there is no such option.
std::optional<std::string_view> valueOf(std::string_view option) {
  for (const CommonOption& common : commonOptions()) {
    if (common.name == option && !common.value.empty()) return common.value;
  }
  for (const Spec* const spec : allCommands()) {
    for (const Option& own : optionsOf(*spec)) {
      if (own.name == option && own.valued) return own.value;
    }
  }
  return {};
}

class Completer {
 public:
  Completer(std::span<const std::string> words, const Surroundings& around)
      : words_(rejoined(words)), around_(around) {
    if (words_.empty()) words_.emplace_back();
    typed_ = words_.back();
    words_.pop_back();
  }

  Completion complete() {
    if (const auto value = walk()) {
      offerOperand(*value);
    } else if (const std::size_t equals = typed_.find('=');
               !ended_ && typed_.starts_with("--") && equals != std::string_view::npos) {
      const auto named = valueOf(typed_.substr(0, equals));
      done_.files = named && namesFiles(*named);
    } else if (!ended_ && typed_.starts_with('-')) {
      offerOptions();
    } else {
      offerWords();
    }
    return std::move(done_);
  }

 private:
  // Gathers the words that are no options. What the value is called that is being typed, if one is.
  std::optional<std::string_view> walk() {
    std::optional<std::string_view> value;
    for (const std::string& word : words_) {
      if (value) {
        if (previous_ == "--socket") socket_ = word;
        value.reset();
      } else if (ended_ || !word.starts_with('-') || word == "-") {
        plain_.push_back(word);
      } else if (word == "--") {
        ended_ = true;
      } else {
        value = valueOf(word);
        if (word.starts_with("--socket=")) socket_ = word.substr(word.find('=') + 1);
      }
      previous_ = word;
    }
    return value;
  }

  // The longest command they begin with.
  const Spec* command() const {
    const Spec* found = nullptr;
    for (const Spec* const spec : allCommands()) {
      const std::size_t words = 1 + static_cast<std::size_t>(std::ranges::count(spec->name, ' '));
      if (plain_.size() < words) continue;
      const bool same = words == 1 ? spec->name == plain_[0] : spec->name == plain_[0] + " " + plain_[1];
      if (same && (found == nullptr || spec->name.size() > found->name.size())) found = spec;
    }
    return found;
  }

  void offer(std::string_view word, std::string_view summary) {
    const bool known = std::ranges::find(done_.candidates, word, &Candidate::word) != done_.candidates.end();
    if (!known && word.starts_with(typed_))
      done_.candidates.push_back({std::string(word), std::string(summary)});
  }

  void offerOptions() {
    if (const Spec* const spec = command()) {
      for (const Option& option : optionsOf(*spec)) offer(option.name, option.summary);
    }
    for (const CommonOption& option : commonOptions()) offer(option.name, option.summary);
  }

  void offerWords() {
    const Spec* const spec = command();
    const std::size_t used =
        spec == nullptr ? plain_.size() : 1 + static_cast<std::size_t>(std::ranges::count(spec->name, ' '));
    if (plain_.size() == used && used < 2) offerCommands();
    if (spec == nullptr && plain_.size() == 1 && commandOfPlugin(plain_[0]) != nullptr)
      return offerCommandsOf(plain_[0]);
    if (spec == nullptr) return;
    std::string_view operands = spec->operands;
    for (std::size_t skip = plain_.size() - used; skip > 0 && !operands.empty(); --skip)
      operands.remove_prefix(std::min(operands.find(' '), operands.size() - 1) + 1);
    offerOperand(operands.substr(0, operands.find(' ')));
  }

  // Commands, or what follows the first word of several.
  void offerCommands() {
    const std::string before = plain_.empty() ? "" : plain_[0] + " ";
    for (const Spec* const spec : allCommands()) {
      if (spec->listed == Listed::kNo || !spec->name.starts_with(before)) continue;
      const std::string_view rest = spec->name.substr(before.size());
      const std::size_t end = rest.find(' ');
      offer(rest.substr(0, end), end == std::string_view::npos ? spec->summary : "");
    }
  }

  void offerOperand(std::string_view operand) {
    if (operand.starts_with('[')) operand = operand.substr(1, operand.size() - 2);
    if (operand == "COMMAND" && plain_.size() > 1) return offerCommandsOf(plain_[1]);
    if (namesFiles(operand)) {
      done_.files = true;
      return;
    }
    if (operand.contains('|')) {
      for (; !operand.empty(); operand.remove_prefix(std::min(operand.find('|'), operand.size() - 1) + 1))
        offer(operand.substr(0, operand.find('|')), "");
      return;
    }
    const auto source = std::ranges::find(kSources, operand, &Source::operand);
    if (source != kSources.end()) ask(*source);
  }

  void offerCommandsOf(std::string_view plugin) {
    const std::string target = fmt::format("/v1/plugins/{}/commands", percentEncoded(plugin));
    ask({"COMMAND", target, "commands", "name", "description"});
  }

  void ask(const Source& source) {
    Command command;
    command.socket = socket_;
    command.timeout = kPatience;
    const Session session(command, around_);
    const auto answer = session.ask({.method = "GET", .target = std::string(source.target)});
    if (!answer || answer->status >= kFirstError) return;
    const auto listed = document::parseJson(answer->body, "answer", kAnswerLimits);
    if (!listed || listed->object() == nullptr) return;
    for (const Value& item : arrayOf(*listed, source.list)) {
      if (const std::string word = textOf(item, source.member); isPlain(word))
        offer(word, textOf(item, source.summary));
    }
  }

  std::vector<std::string> words_;
  const Surroundings& around_;
  std::string typed_;
  std::string previous_;
  std::vector<std::string> plain_;
  std::optional<std::string> socket_;
  bool ended_ = false;  // after "--"
  Completion done_;
};

}  // namespace

Completion complete(std::span<const std::string> words, const Surroundings& around) {
  return Completer(words, around).complete();
}

}  // namespace revenge::ctl
