#include <array>
#include <chrono>
#include <thread>

#include <unistd.h>

#include "revengectl/session.hpp"
#include "revengectl/show_top.hpp"

namespace revenge::ctl {

namespace {

constexpr std::chrono::seconds kBetween{2};
constexpr std::string_view kAnew = "\x1b[H\x1b[J";  // from the first line, and nothing left below

// On a terminal it goes on until Ctrl-C or until the host has gone; elsewhere one look is all there is.
Exit top(Session& session, const Command& command) {
  if (command.has("--once") || !session.forPeople() || ::isatty(STDOUT_FILENO) == 0)
    return session.question("/v1/top", showTop);
  session.people("\x1b[2J");
  for (;;) {
    const Exit ended = session.finish(
        session.ask({.method = "GET", .target = "/v1/top"}), [&session](const document::Value& value) {
          session.people(std::string(kAnew) + showTop(value, session.colours()));
        });
    if (ended != Exit::kOk) return ended;
    std::this_thread::sleep_for(kBetween);
  }
}

constexpr std::array kSpecs = {
    Spec{"top", "", kQuestion, "--once", "what each plugin is doing: traffic, errors, latency, CPU, threads",
         "Rates are those of the last five to ten seconds; CPU is the share of one core. On a terminal it "
         "looks\n"
         "again every two seconds, until Ctrl-C.\n"
         "  --once   one look\n",
         top},
};

}  // namespace

std::span<const Spec> topCommands() { return kSpecs; }

}  // namespace revenge::ctl
