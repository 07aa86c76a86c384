#include <array>

#include <fmt/format.h>

#include <revenge/abi/version.h>

#include "document/json.hpp"
#include "revengectl/program.hpp"
#include "revengectl/session.hpp"
#include "revengectl/show_doctor.hpp"

namespace revenge::ctl {

namespace {

using document::Array;
using document::Object;
using document::Value;

Value finding(std::string_view check, std::string_view grade, std::string text, std::string_view remedy) {
  return Value(Object{
      {"check", check, {}}, {"grade", grade, {}}, {"text", std::move(text), {}}, {"remedy", remedy, {}}});
}

// Asks the host that runs; where none answers, the program that would be it.
class Examination {
 public:
  Examination(const Session& session, const Command& command) : session_(session), command_(command) {}

  base::Result<> run() {
    if (!command_.has("--config") && askHost()) return {};
    std::vector<std::string> words{"--doctor"};
    if (command_.has("--config")) words.insert(words.end(), {"--config", command_.given("--config")});
    const auto text = outputOfNeighbour("revenge", words);
    if (!text) return std::unexpected(text.error());
    const auto answer = document::parseJson(*text, "revenge --doctor", kAnswerLimits);
    if (!answer) return std::unexpected(answer.error());
    take(*answer);
    return {};
  }

  const Array& findings() const { return findings_; }
  bool running() const { return running_; }

 private:
  void take(const Value& answer) {
    const Array& seen = arrayOf(answer, "findings");
    findings_.insert(findings_.end(), seen.begin(), seen.end());
  }

  bool askHost() {
    const auto answer = session_.ask({.method = "GET", .target = "/v1/doctor"});
    if (!answer) {
      if (answer.error().code == base::Errc::kTimedOut) {
        findings_.push_back(finding("host", "problem", answer.error().message,
                                    "it hangs, or is stopped: see its log and its threads, then restart it"));
      } else if (answer.error().code != base::Errc::kUnavailable) {
        findings_.push_back(finding("host", "problem", answer.error().message,
                                    "it is just ending, or is no Revenge host: ask again"));
      }
      return false;
    }
    const auto value = document::parseJson(answer->body, "answer", kAnswerLimits);
    const bool understood = answer->status < kFirstError && value && value->object() != nullptr;
    if (!understood) {
      findings_.push_back(
          finding("host", "problem",
                  fmt::format("the host that runs knows no doctor: it is of another version "
                              "than revengectl {}",
                              REVENGE_VERSION_STRING),
                  "restart it with the installed version; `revengectl status` tells which it is"));
      return false;
    }
    running_ = true;
    const std::string version = textOf(*value, "version");
    const bool same = version == REVENGE_VERSION_STRING;
    findings_.push_back(
        finding("host", same ? "ok" : "warning",
                same ? fmt::format("revenge {} runs", version)
                     : fmt::format("revenge {} runs, this is revengectl {}", version, REVENGE_VERSION_STRING),
                same ? "" : "restart the host: another version is installed"));
    take(*value);
    return true;
  }

  const Session& session_;
  const Command& command_;
  Array findings_;
  bool running_ = false;
};

Exit doctor(Session& session, const Command& command) {
  Examination examination(session, command);
  if (const auto done = examination.run(); !done) return session.told(Exit::kFailed, done.error().message);
  session.people(showFindings(examination.findings(), session.colours()));
  session.json(document::writeJson(Value(
      Object{{"running", examination.running(), {}}, {"findings", Value(examination.findings()), {}}})));
  return hasProblem(examination.findings()) ? Exit::kFailed : Exit::kOk;
}

constexpr std::array kSpecs = {
    Spec{"doctor", "", kQuestion, "--config",
         "examine the installation, and name the remedy of what is wrong",
         "A host that runs is asked what it sees; where none answers, the installed revenge looks at what it "
         "would start with, and starts nothing. Ends with 0 unless there is a problem; warnings are none.\n"
         "  --config FILE   examine what would be started with this configuration, whether a host runs or "
         "not\n",
         doctor},
};

}  // namespace

std::span<const Spec> doctorCommands() { return kSpecs; }

}  // namespace revenge::ctl
