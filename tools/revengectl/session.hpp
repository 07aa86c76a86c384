// One command against one host: asks, prints the answer for people or as JSON, and says how it ended. Thread safety:
// confined to one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "document/json.hpp"
#include "revengectl/client.hpp"
#include "revengectl/command_line.hpp"
#include "revengectl/run.hpp"

namespace revenge::ctl {

class Session {
 public:
  // Both outlive this object.
  Session(const Command& command, const Surroundings& around);

  using Show = std::string (*)(const document::Value& answer, Colours colours);
  using Shown = std::function<void(const document::Value& answer)>;

  // GET `target`; for people as `show` says.
  Exit question(const std::string& target, Show show);
  // The whole answer: printed, or its error told. `shown` is called with one that is no error, in either format.
  Exit finish(const base::Result<Answer>& answer, const Shown& shown);
  base::Result<Answer> ask(const Request& request) const {
    return place_ ? client_.ask(request) : std::unexpected(place_.error());
  }

  // For people: text as it is. In JSON: nothing.
  void people(std::string_view text) const;
  void json(std::string_view document) const;  // one document, or one line of a stream
  // On standard error; where JSON is asked for and no answer of the host says it, also as an error on standard output.
  Exit told(Exit how, std::string_view message);

  bool forPeople() const { return command_.format == Format::kPeople; }
  Colours colours() const { return around_.colours; }
  const Surroundings& around() const { return around_; }

  // Steps of an operation go on in one line; what is told meanwhile ends it first.
  bool inLine() const { return in_line_; }
  void inLine(bool yes) { in_line_ = yes; }

 private:
  const Command& command_;
  const Surroundings& around_;
  const base::Result<Place> place_;
  const std::string socket_;  // as messages name it
  const Client client_;
  bool in_line_ = false;
  bool answered_ = false;  // the answer of the host stands on standard output already
};

// {"error": {...}}, as the host would have said it.
std::string errorJson(Exit how, std::string_view message);

std::string percentEncoded(std::string_view text);
std::string withParameter(const std::string& target, std::string_view parameter);

inline constexpr int kFirstError = 400;  // HTTP status
inline constexpr document::Limits kAnswerLimits{
    .maxBytes = 32U << 20U, .maxDepth = 100, .maxValues = 2'000'000};

}  // namespace revenge::ctl
