// The command line of `revenge dev`. Thread safety: plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace revenge::author {

struct DevOptions {
  std::optional<std::string> socket;
  std::string build = "build";
  std::string preset = "dev";
  bool own_host = false;
  std::vector<std::string> host_options;  // of it: --config FILE, --set KEY=VALUE, --plugins DIR
  bool help = false;
};

base::Result<DevOptions> parseDevOptions(const std::vector<std::string>& words);
const char* devHelp();

}  // namespace revenge::author
