#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <sys/signalfd.h>
#include <unistd.h>

#include "revenge/dev.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): this program has one thread
}

int refuse(const std::string& message, int code) {
  std::fprintf(stderr, "revenge dev: %s\n", message.c_str());
  return code;
}

// Readable when one is to end.
int stopSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace revenge;
  const auto options = author::parseDevOptions({argv + (argc > 0 ? 1 : 0), argv + argc});
  if (!options) return refuse(options.error().message, kBadUsage);
  if (options->help) return std::fputs(author::devHelp(), stdout) < 0 ? kFailed : 0;

  const base::SystemClock clock;
  const base::UniqueFd stop(stopSignals());
  author::DevSurroundings around{.clock = clock,
                                 .installation = author::thisInstallation(),
                                 .socket = {},
                                 .stop = stop.get(),
                                 .out = [](std::string_view text) {
                                   (void)std::fwrite(text.data(), 1, text.size(), stdout);
                                   (void)std::fflush(stdout);
                                 }};
  if (const char* const socket = environment("REVENGE_SOCKET")) around.socket = socket;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  around.colours = ctl::coloursFor(terminal ? ctl::Output::kTerminal : ctl::Output::kOther,
                                   environment("NO_COLOR"), environment("TERM"));
  const auto dev = author::Dev::open(*options, around);
  if (!dev) return refuse(dev.error().message, kFailed);
  const auto ran = (*dev)->run();
  return ran ? 0 : refuse(ran.error().message, kFailed);
}
