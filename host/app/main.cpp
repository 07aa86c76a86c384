#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include "app/doctor.hpp"
#include "app/host.hpp"
#include "app/options.hpp"
#include "app/programs.hpp"
#include "module/probe.hpp"
#include "process/warden.hpp"
#include "runtime/signals.hpp"

namespace {

constexpr int kBadUsage = 2;

void takeEnvironment(revenge::app::Serve& options) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (text.starts_with("REVENGE_") && equals != std::string_view::npos)
      options.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
}

int serve(revenge::app::Serve options) {
  takeEnvironment(options);
  auto host = revenge::app::Host::start(options, std::make_unique<revenge::runtime::Signals>());
  if (!host) {
    for (const std::string& problem : host.error()) std::fprintf(stderr, "revenge: %s\n", problem.c_str());
    return kBadUsage;
  }
  return (*host)->run();
}

std::vector<std::filesystem::path> programsHere() {
  std::error_code failed;
  return revenge::app::programFolders(std::filesystem::read_symlink("/proc/self/exe", failed));
}

int run(const revenge::app::Program& program, const std::vector<std::filesystem::path>& folders) {
  const auto found = revenge::app::findProgram(program.word, folders);
  const auto error = found ? revenge::app::becomeProgram(*found, program.arguments) : found.error();
  std::fprintf(stderr, "revenge: %s\n", error.message.c_str());
  return kBadUsage;
}

}  // namespace

int main(int argc, char** argv) {
  const auto folders = programsHere();
  auto command = revenge::app::parseCommandLine({argv + 1, argv + argc});
  if (!command) {
    std::fprintf(stderr, "revenge: %s\n", command.error().message.c_str());
    return kBadUsage;
  }
  if (const auto* print = std::get_if<revenge::app::Print>(&*command)) {
    std::fputs(print->text.c_str(), stdout);
    return 0;
  }
  if (std::holds_alternative<revenge::app::Help>(*command)) {
    std::fputs(revenge::app::helpText(revenge::app::programWords(folders)).c_str(), stdout);
    return 0;
  }
  if (const auto* program = std::get_if<revenge::app::Program>(&*command)) return run(*program, folders);
  if (const auto* warden = std::get_if<revenge::app::Warden>(&*command))
    return revenge::process::wardenMain(warden->descriptor);
  if (const auto* probe = std::get_if<revenge::app::Probe>(&*command)) {
    return revenge::module::probeMain(probe->library.c_str(), probe->descriptor);
  }
  if (auto* doctor = std::get_if<revenge::app::Doctor>(&*command)) {
    takeEnvironment(doctor->installation);
    const auto findings = revenge::app::examineStopped(doctor->installation);
    std::puts(revenge::admin::describe(findings, revenge::admin::Whence::kStopped).c_str());
    return 0;
  }
  return serve(std::get<revenge::app::Serve>(std::move(*command)));
}
