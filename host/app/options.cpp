#include "app/options.hpp"

#include <charconv>
#include <string_view>

#include <fmt/ranges.h>

#include <revenge/abi/version.h>

#include "app/config_reference.hpp"
#include "config/host_schema.hpp"

namespace revenge::app {

namespace {

constexpr std::string_view kHelp = R"(revenge: a media server made of plugins

usage: revenge [options]
       revenge WORD ...   another program of this installation

  --config FILE      configuration (default: config/revenge.yaml when it is there)
  --set KEY=VALUE    overrides one key, such as http.port=0; may be repeated
  --plugins DIR      folder that holds a folder per plugin; may be repeated
  --state DIR        what must survive a restart           (host.state_dir)
  --cache DIR        what may be deleted at any time       (host.cache_dir)
  --run DIR          holds the control socket revenge.sock (host.run_dir)
  --safe-mode        start no plugin; the control plane serves, and can start single ones
  --listen-fd N      serve on this already bound socket
  --doctor           examine what would be started with the other options, start nothing; answers in JSON
                     (revengectl doctor shows it)
  --print-config     every key with its default, as YAML
  --print-config-reference [DIR...]
                     every key as tables, with those of the plugins in these folders
  --version, --help

{}exit codes: 0 stopped in order, 1 stopped with something left, 2 wrong command line or configuration
)";

base::Result<int> descriptor(std::string_view text, std::string_view option) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return base::fail(base::Errc::kInvalid, "{}: expected a descriptor number, got '{}'", option, text);
  }
  return value;
}

// Quoted for YAML, so that a folder named `yes` or `[a` stays what it is.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string helpText(const std::vector<std::string>& words) {
  const std::string programs =
      words.empty() ? ""
                    : fmt::format("WORD is one of: {}; revenge WORD --help says what it does\n\n",
                                  fmt::join(words, ", "));
  return fmt::format(kHelp, programs);
}

base::Result<Command> parseCommandLine(const std::vector<std::string>& arguments) {
  Serve serve;
  std::string plugin_folders;
  bool examines = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& option = arguments[i];
    if (i == 0 && !option.starts_with('-')) return Program{option, {arguments.begin() + 1, arguments.end()}};
    if (option == "--help") return Help{};
    if (option == "--version") return Print{"revenge " REVENGE_VERSION_STRING "\n"};
    if (option == "--print-config") return Print{document::sampleYaml(config::hostSchema())};
    if (option == "--print-config-reference") {
      const auto text =
          configReference({arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end()});
      if (!text) return std::unexpected(text.error());
      return Print{*text};
    }
    if (option == "--safe-mode") {
      serve.safe_mode = true;
      continue;
    }
    if (option == "--doctor") {
      examines = true;
      continue;
    }
    if (option == "--probe") {
      if (i + 2 >= arguments.size())
        return base::fail(base::Errc::kInvalid, "--probe: expected a library and a descriptor");
      const auto fd = descriptor(arguments[i + 2], "--probe");
      if (!fd) return std::unexpected(fd.error());
      return Probe{arguments[i + 1], *fd};
    }
    if (option == "--warden") {
      if (i + 1 >= arguments.size())
        return base::fail(base::Errc::kInvalid, "--warden: expected a descriptor");
      const auto fd = descriptor(arguments[i + 1], "--warden");
      if (!fd) return std::unexpected(fd.error());
      return Warden{*fd};
    }
    if (i + 1 >= arguments.size() || !option.starts_with("--")) {
      return base::fail(base::Errc::kInvalid,
                        "'{}': unknown option or missing value; revenge --help lists the options", option);
    }
    const std::string& value = arguments[++i];
    if (option == "--config") {
      serve.config = value;
    } else if (option == "--set") {
      serve.overrides.push_back(value);
    } else if (option == "--plugins") {
      plugin_folders += (plugin_folders.empty() ? "" : ", ") + quoted(value);
    } else if (option == "--state" || option == "--cache" || option == "--run") {
      serve.overrides.push_back("host." + option.substr(2) + "_dir=" + quoted(value));
    } else if (option == "--listen-fd") {
      const auto fd = descriptor(value, option);
      if (!fd) return std::unexpected(fd.error());
      serve.listen_fd = *fd;
    } else {
      return base::fail(base::Errc::kInvalid, "{}: unknown option; revenge --help lists the options", option);
    }
  }
  if (!plugin_folders.empty()) serve.overrides.push_back("host.plugin_folders=[" + plugin_folders + "]");
  if (examines) return Doctor{std::move(serve)};
  return serve;
}

}  // namespace revenge::app
