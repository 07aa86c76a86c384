#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "app/doctor.hpp"
#include "app/host.hpp"
#include "app/options.hpp"
#include "module/probe.hpp"
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

}  // namespace

int main(int argc, char** argv) {
  auto command = revenge::app::parseCommandLine({argv + 1, argv + argc});
  if (!command) {
    std::fprintf(stderr, "revenge: %s\n", command.error().message.c_str());
    return kBadUsage;
  }
  if (const auto* print = std::get_if<revenge::app::Print>(&*command)) {
    std::fputs(print->text.c_str(), stdout);
    return 0;
  }
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
