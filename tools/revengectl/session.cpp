#include "revengectl/session.hpp"

#include <algorithm>

#include <revenge/abi/version.h>

#include "document/json.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using document::Value;

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

// The command line before the environment, and a socket that was named before a host that was not.
base::Result<Place> placeOf(const Command& command, const Surroundings& around) {
  Remote remote = command.remote;
  for (const RemoteOption& option : kRemoteOptions) {
    if (!(remote.*(option.value))) remote.*(option.value) = around.remote.*(option.value);
  }
  if (!command.remote.host && command.socket) remote.host.reset();
  if (remote.host && !remote.host->empty()) return remotePlace(*remote.host, remote);
  Place place;
  place.socket = command.socket ? *command.socket : defaultSocket(around.socket);
  place.shown = place.socket;
  return place;
}

}  // namespace

Session::Session(const Command& command, const Surroundings& around)
    : command_(command),
      around_(around),
      place_(placeOf(command, around)),
      socket_(place_ ? place_->shown : ""),
      client_(around.clock, place_.value_or(Place()), command.timeout) {}

Exit Session::question(const std::string& target, Show show) {
  return finish(ask({.method = "GET", .target = target}),
                [this, show](const Value& value) { people(show(value, around_.colours)); });
}

Exit Session::finish(const base::Result<Answer>& answer, const Shown& shown) {
  if (!place_) return told(Exit::kUsage, place_.error().message);
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
  answered_ = true;
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
  for (std::string_view left = message; !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    around_.err(fmt::format("revengectl: {}\n", escaped(line)));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
  }
  if (!answered_) json(errorJson(how, message));
  return how;
}

std::string errorJson(Exit how, std::string_view message) {
  const auto name = [how] {
    switch (how) {
      case Exit::kUsage:
        return "usage";
      case Exit::kUnreachable:
        return "unreachable";
      case Exit::kNotFound:
        return "not_found";
      case Exit::kBusy:
        return "busy";
      case Exit::kTimedOut:
        return "timed_out";
      case Exit::kStale:
        return "stale";
      case Exit::kDenied:
        return "denied";
      case Exit::kOtherVersion:
        return "other_version";
      default:
        return "failed";
    }
  }();
  return fmt::format(R"({{"error":{{"code":"{}","message":{}}}}})", name,
                     document::writeJson(Value(std::string(message))));
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
