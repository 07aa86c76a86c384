// The command line of the host. Thread safety: plain values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace revenge::app {

struct Serve {
  std::optional<std::string> config;   // none: config/revenge.yaml when it is there, else defaults
  std::vector<std::string> overrides;  // "http.port=0"; the shorthands below end up here too
  std::vector<std::pair<std::string, std::string>> environment = {};  // variables that begin with REVENGE_
  bool safe_mode = false;                                             // starts no plugin
  std::optional<int> listen_fd;  // an already bound socket instead of http.address and http.port
};
struct Probe {
  std::string library;
  int descriptor;
};
struct Warden {
  int descriptor;
};
struct Print {
  std::string text;  // --version, --print-config, --print-config-reference
};
struct Doctor {
  Serve installation;
};
struct Help {};
struct Program {  // `revenge WORD ...`
  std::string word;
  std::vector<std::string> arguments = {};
};
using Command = std::variant<Serve, Probe, Warden, Print, Doctor, Help, Program>;

// The error names the option and the remedy.
base::Result<Command> parseCommandLine(const std::vector<std::string>& arguments);

// What --help says; `words` are the programs that there are.
std::string helpText(const std::vector<std::string>& words);

}  // namespace revenge::app
