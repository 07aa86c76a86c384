#include "revenge/dev_options.hpp"

namespace revenge::author {

namespace {

using base::Errc;
using base::fail;

}  // namespace

const char* devHelp() {
  return R"(revenge dev: builds a plugin whenever you save, and swaps it into the running host

usage: revenge dev [options]      in the plugin's folder

  --socket PATH      control socket of the host (default: $REVENGE_SOCKET, else ./run/revenge.sock where there is
                     one, else /run/revenge/revenge.sock)
  --host             start a host of its own, which ends with this program; its folders are in BUILD/dev/host
  --config FILE, --set KEY=VALUE, --plugins DIR
                     of that host; each may be repeated as for `revenge`
  --build DIR        build tree (default: build)
  --preset NAME      that makes the build tree where there is none (default: dev)
  --help

Every build is numbered: the package that is swapped in is called 0.1.0+3, plugin.json stays as it is. A build that
fails, or a version that the host refuses, leaves the old one serving. Ctrl-C leaves the last good one running.

exit codes: 0 ended by Ctrl-C, 1 could not begin, 2 wrong command line
)";
}

base::Result<DevOptions> parseDevOptions(const std::vector<std::string>& words) {
  DevOptions options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (word == "--help") {
      options.help = true;
      return options;
    }
    if (word == "--host") {
      options.own_host = true;
      continue;
    }
    std::optional<std::string> value;
    if (const auto equals = word.find('='); word.starts_with("--") && equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    const bool of_host = word == "--config" || word == "--set" || word == "--plugins";
    if (!of_host && word != "--socket" && word != "--build" && word != "--preset")
      return fail(Errc::kInvalid, "'{}': unknown option; revenge dev --help lists the options", word);
    if (!value && i + 1 < words.size()) value = words[++i];
    if (!value || value->empty()) return fail(Errc::kInvalid, "{}: a value is missing", word);
    if (word == "--socket") options.socket = *value;
    if (word == "--build") options.build = *value;
    if (word == "--preset") options.preset = *value;
    if (of_host) options.host_options.insert(options.host_options.end(), {word, *value});
  }
  if (!options.own_host && !options.host_options.empty())
    return fail(Errc::kInvalid, "{} is of a host of its own: it goes with --host",
                options.host_options.front());
  if (options.own_host && options.socket)
    return fail(Errc::kInvalid,
                "--socket and --host exclude each other: a host of its own has its own socket");
  return options;
}

}  // namespace revenge::author
