#include "revengectl/session.hpp"

#include <unistd.h>

#include <revenge/abi/version.h>

#include "document/json.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using document::Value;

constexpr document::Limits kAnswerLimits{.maxBytes = 32U << 20U, .maxDepth = 100, .maxValues = 2'000'000};

Exit exitOf(Errc code) {
  if (code == Errc::kUnavailable) return Exit::kUnreachable;
  if (code == Errc::kDenied) return Exit::kDenied;
  return code == Errc::kTimedOut ? Exit::kTimedOut : Exit::kFailed;
}

Exit exitOf(std::string_view code) {
  if (code == "not_found") return Exit::kNotFound;
  if (code == "busy") return Exit::kBusy;
  if (code == "stale") return Exit::kStale;
  if (code == "denied") return Exit::kDenied;
  return code == "timed_out" ? Exit::kTimedOut : Exit::kFailed;
}

// For answers that the server gives before the control plane is asked.
Exit exitOfStatus(int status) {
  constexpr int kUnauthorized = 401;
  constexpr int kForbidden = 403;
  constexpr int kNoSuchRoute = 404;
  constexpr int kOtherMethods = 405;
  constexpr int kNoAnswerInTime = 504;
  if (status == kUnauthorized || status == kForbidden) return Exit::kDenied;
  if (status == kNoSuchRoute || status == kOtherMethods) return Exit::kOtherVersion;
  return status == kNoAnswerInTime ? Exit::kTimedOut : Exit::kFailed;
}

std::string defaultSocket(const Surroundings& around) {
  if (around.socket && !around.socket->empty()) return *around.socket;
  const std::string here = "./run/revenge.sock";
  return ::access(here.c_str(), F_OK) == 0 ? here : "/run/revenge/revenge.sock";
}

}  // namespace

Session::Session(const Command& command, const Surroundings& around)
    : command_(command),
      around_(around),
      socket_(command.socket ? *command.socket : defaultSocket(around)),
      client_(around.clock, socket_, command.timeout) {}

Exit Session::question(const std::string& target, Show show) {
  return finish(client_.ask({.method = "GET", .target = target}),
                [this, show](const Value& value) { people(show(value, around_.colours)); });
}

Exit Session::finish(const base::Result<Answer>& answer, const Shown& shown) {
  if (!answer) return told(exitOf(answer.error().code), answer.error().message);
  const auto value = document::parseJson(answer->body, "answer", kAnswerLimits);
  const bool is_object = value && value->object() != nullptr;
  const Value* const error = is_object ? value->find("error") : nullptr;
  if (answer->status >= kFirstError && (error == nullptr || error->object() == nullptr)) {
    const Exit how = exitOfStatus(answer->status);
    if (how != Exit::kOtherVersion)
      return told(how, fmt::format("{}: the host answers {}", socket_, answer->status));
    return told(how, fmt::format("{}: the host knows no such command: it is of another version than "
                                 "revengectl " REVENGE_VERSION_STRING " (status tells which)",
                                 socket_));
  }
  if (!is_object) {
    return told(Exit::kFailed, fmt::format("{}: what answers is no Revenge host: its answer is not the "
                                           "JSON that was expected",
                                           socket_));
  }
  json(answer->body);
  if (error != nullptr) {
    const Value* const code = error->find("code");
    const std::string name = code != nullptr && code->text() != nullptr ? *code->text() : "";
    const Value* const message = error->find("message");
    return told(exitOf(name), message != nullptr && message->text() != nullptr
                                  ? *message->text()
                                  : fmt::format("the host answers {}", answer->status));
  }
  shown(*value);
  return Exit::kOk;
}

void Session::people(std::string_view text) const {
  if (forPeople()) around_.out(text);
}

void Session::json(std::string_view document) const {
  if (forPeople()) return;
  around_.out(document);
  if (!document.ends_with('\n')) around_.out("\n");
}

Exit Session::told(Exit how, std::string_view message) {
  if (std::exchange(in_line_, false)) around_.out("\n");
  around_.err(fmt::format("revengectl: {}\n", escaped(message)));
  return how;
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

std::string withParameter(const std::string& target, std::string_view parameter) {
  return fmt::format("{}{}{}", target, target.contains('?') ? '&' : '?', parameter);
}

}  // namespace revenge::ctl
