#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "revengectl/run.hpp"

namespace {

void print(std::FILE* file, std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), file);
  (void)std::fflush(file);
}

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): this program has one thread
}

}  // namespace

int main(int argc, char** argv) {
  using revenge::ctl::Output;
  const revenge::base::SystemClock clock;
  revenge::ctl::Surroundings around{
      .clock = clock,
      .socket = {},
      .pause = [](revenge::base::Duration time) { std::this_thread::sleep_for(time); },
      .out = [](std::string_view text) { print(stdout, text); },
      .err = [](std::string_view text) { print(stderr, text); }};
  if (const char* const socket = environment("REVENGE_SOCKET")) around.socket = socket;
  for (const revenge::ctl::RemoteOption& option : revenge::ctl::kRemoteOptions) {
    if (const char* const value = environment(option.variable)) around.remote.*(option.value) = value;
  }
  around.output = ::isatty(STDOUT_FILENO) == 1 ? Output::kTerminal : Output::kOther;
  around.colours = coloursFor(around.output, environment("NO_COLOR"), environment("TERM"));
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(revenge::ctl::run(arguments, around));
}
