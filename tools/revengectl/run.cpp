#include "revengectl/run.hpp"

#include <filesystem>

#include <unistd.h>

#include <revenge/abi/version.h>

#include "document/json.hpp"
#include "revengectl/client.hpp"
#include "revengectl/command_line.hpp"
#include "revengectl/plan_file.hpp"
#include "revengectl/show.hpp"
#include "revengectl/show_plan.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using document::Value;

constexpr int kFirstError = 400;
constexpr document::Limits kAnswerLimits{.maxBytes = 32U << 20U, .maxDepth = 100, .maxValues = 2'000'000};

Exit exitOf(Errc code) {
  if (code == Errc::kUnavailable) return Exit::kUnreachable;
  return code == Errc::kTimedOut ? Exit::kTimedOut : Exit::kFailed;
}

Exit exitOf(std::string_view code) {
  if (code == "not_found") return Exit::kNotFound;
  if (code == "busy") return Exit::kBusy;
  if (code == "stale") return Exit::kStale;
  return code == "timed_out" ? Exit::kTimedOut : Exit::kFailed;
}

std::string percentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string defaultSocket(const Surroundings& around) {
  if (around.socket && !around.socket->empty()) return *around.socket;
  const std::string here = "./run/revenge.sock";
  return ::access(here.c_str(), F_OK) == 0 ? here : "/run/revenge/revenge.sock";
}

std::string_view operationOf(Verb verb) {
  switch (verb) {
    case Verb::kEnable:
      return "enable";
    case Verb::kDisable:
      return "disable";
    case Verb::kReload:
      return "reload";
    case Verb::kSwap:
      return "swap";
    case Verb::kRollback:
      return "rollback";
    default:
      return {};
  }
}

// One command against one host.
class Run {
 public:
  Run(const Command& command, const Surroundings& around)
      : command_(command),
        around_(around),
        socket_(command.socket ? *command.socket : defaultSocket(around)),
        client_(around.clock, socket_, command.timeout) {}

  Exit run() {
    switch (command_.verb) {
      case Verb::kList:
        return question("/v1/plugins", showListing);
      case Verb::kShow:
        return question("/v1/plugins/" + percentEncoded(command_.arguments[0]), showPlugin);
      case Verb::kStatus:
        return question("/v1/status", showStatus);
      case Verb::kWhy:
        return question(fmt::format("/v1/plugins/{}/why", percentEncoded(command_.arguments[0])), showCause);
      case Verb::kGraph:
        return question("/v1/graph", command_.shape == Shape::kDot ? showDot : showGraph);
      case Verb::kPlan:
        return plan();
      case Verb::kApply:
        return apply();
      case Verb::kEvents:
        return events();
      case Verb::kStop:
        return stop();
      default:
        return operation();
    }
  }

 private:
  using Show = std::string (*)(const Value&, Colours);

  Exit question(const std::string& target, Show show) {
    const auto answer = client_.ask({.method = "GET", .target = target});
    return finish(answer, [this, show](const Value& value) {
      if (command_.format == Format::kPeople) around_.out(show(value, around_.colours));
    });
  }

  Exit stop() {
    const auto answer = client_.ask({.method = "POST", .target = "/v1/stop"});
    return finish(answer, [this](const Value&) {
      if (command_.format == Format::kPeople) around_.out("  stopping\n");
    });
  }

  Exit events() {
    const bool follows = command_.follow == Follow::kYes;
    Request request{.method = "GET",
                    .target = fmt::format("/v1/events?from={}{}", command_.from, follows ? "&follow=1" : ""),
                    .patience = follows ? Patience::kHead : Patience::kAnswer};
    request.line = [this](std::string_view line) {
      if (command_.format == Format::kJson) return raw(line);
      if (const auto event = document::parseJson(line, "event"))
        around_.out(showEvent(*event, around_.colours));
    };
    const auto answer = client_.ask(request);
    if (answer && answer->status < kFirstError) return Exit::kOk;
    if (follows && !answer && answer.error().code == Errc::kIo)
      return told(Exit::kFailed, "the host has ended the event stream");
    return finish(answer, [](const Value&) {});
  }

  Exit plan() {
    const auto body = readPlan(command_.arguments[0], {});
    if (!body) return told(Exit::kUsage, body.error().message);
    const auto answer = client_.ask({.method = "POST", .target = "/v1/plan", .body = *body});
    bool feasible = false;
    const Exit ended = finish(answer, [this, &feasible](const Value& outlook) {
      feasible = flagOf(outlook, "feasible");
      if (command_.format == Format::kPeople) around_.out(showOutlook(outlook, around_.colours));
    });
    return ended == Exit::kOk && !feasible ? Exit::kFailed : ended;
  }

  Exit apply() {
    auto body = readPlan(command_.arguments[0], command_.generation);
    if (!body) return told(Exit::kUsage, body.error().message);
    return change({.method = "POST", .target = "/v1/apply", .body = std::move(*body)}, Steps::kOfMany);
  }

  Exit operation() {
    std::string target =
        fmt::format("/v1/plugins/{}/{}", percentEncoded(command_.arguments[0]), operationOf(command_.verb));
    if (command_.verb == Verb::kSwap) {
      std::error_code failed;
      const auto path = std::filesystem::absolute(command_.arguments[1], failed);
      target = with(target, fmt::format("path={}", percentEncoded(path.string())));
    }
    if (command_.generation) target = with(target, fmt::format("generation={}", *command_.generation));
    return change({.method = "POST", .target = std::move(target)}, Steps::kOfOne);
  }

  enum class Steps : std::uint8_t { kOfOne, kOfMany };

  // In JSON the report alone; for people each step as it happens. The last line is the report or the error.
  Exit change(Request request, Steps steps) {
    if (command_.format == Format::kJson) return finish(client_.ask(request), [](const Value&) {});
    request.target = with(request.target, "progress=1");
    std::string last;
    request.line = [this, &last, steps](std::string_view line) {
      const auto value = document::parseJson(line, "progress", kAnswerLimits);
      if (value && value->find("note") != nullptr) return note(*value);
      if (value && value->find("step") != nullptr) return step(*value, steps);
      last = line;
    };
    auto answer = client_.ask(request);
    if (answer && answer->status < kFirstError) answer->body = std::move(last);
    return finish(answer, [this, steps](const Value& value) {
      if (steps == Steps::kOfOne) {
        around_.out((in_line_ ? "" : "  ") + showReport(value, around_.colours));
      } else {
        around_.out((in_line_ ? "\n" : "") + showApplied(value, around_.colours));
      }
      in_line_ = false;
    });
  }

  // Whose steps follow is said where that changes.
  void step(const Value& value, Steps steps) {
    std::string begin = in_line_ ? "" : "  ";
    const std::string plugin = textOf(value, "plugin");
    if (steps == Steps::kOfMany && std::exchange(stepping_, plugin) != plugin) begin += plugin + " ";
    around_.out(begin + showStep(value));
    in_line_ = true;
  }

  void note(const Value& value) {
    around_.out(fmt::format("{}  {}\n", std::exchange(in_line_, false) ? "\n" : "", textOf(value, "note")));
  }

  static std::string with(const std::string& target, std::string_view parameter) {
    return fmt::format("{}{}{}", target, target.contains('?') ? '&' : '?', parameter);
  }

  // The whole answer: shown, or its error told.
  template <typename Show>
  Exit finish(const base::Result<Answer>& answer, Show show) {
    if (!answer) return told(exitOf(answer.error().code), answer.error().message);
    const auto value = document::parseJson(answer->body, "answer", kAnswerLimits);
    if (!value || value->object() == nullptr) {
      if (answer->status >= kFirstError)
        return told(exitOfStatus(answer->status),
                    fmt::format("{}: the host answers {}", socket_, answer->status));
      return told(Exit::kFailed, fmt::format("{}: what answers is no Revenge host: its answer is not the "
                                             "JSON that was expected",
                                             socket_));
    }
    if (command_.format == Format::kJson) raw(answer->body);
    if (const Value* const error = value->find("error")) {
      const Value* const code = error->find("code");
      const std::string name = code != nullptr && code->text() != nullptr ? *code->text() : "";
      const Value* const message = error->find("message");
      return told(exitOf(name), message != nullptr && message->text() != nullptr
                                    ? *message->text()
                                    : fmt::format("the host answers {}", answer->status));
    }
    if (answer->status >= kFirstError)
      return told(exitOfStatus(answer->status), fmt::format("the host answers {}", answer->status));
    show(*value);
    return Exit::kOk;
  }

  // For answers that the server gives before the control plane is asked.
  static Exit exitOfStatus(int status) {
    constexpr int kNoAnswerInTime = 504;
    return status == kNoAnswerInTime ? Exit::kTimedOut : Exit::kFailed;
  }

  void raw(std::string_view json) const {
    around_.out(json);
    if (!json.ends_with('\n')) around_.out("\n");
  }

  Exit told(Exit how, std::string_view message) {
    if (std::exchange(in_line_, false)) around_.out("\n");
    around_.err(fmt::format("revengectl: {}\n", escaped(message)));
    return how;
  }

  const Command& command_;
  const Surroundings& around_;
  const std::string socket_;
  const Client client_;
  bool in_line_ = false;  // steps were printed, and their line goes on
  std::string stepping_;  // the plugin whose steps they are
};

}  // namespace

Exit run(std::span<const std::string> arguments, const Surroundings& around) {
  const auto command = parseCommandLine(arguments);
  if (!command) {
    around.err(fmt::format("revengectl: {}; see revengectl --help\n", escaped(command.error().message)));
    return Exit::kUsage;
  }
  if (!command->help.empty()) {
    around.out(command->help);
    return Exit::kOk;
  }
  if (command->verb == Verb::kVersion) {
    around.out("revengectl " REVENGE_VERSION_STRING "\n");
    return Exit::kOk;
  }
  return Run(*command, around).run();
}

}  // namespace revenge::ctl
