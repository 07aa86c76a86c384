#include "wiring/programs.hpp"

namespace database {

namespace {

using postgresql::Ended;

constexpr std::chrono::milliseconds kLook(100);  // whether anybody waits
constexpr std::uint64_t kMost = 16U << 20U;      // of a table of contents

Result<Ended> endedOf(const std::string& name, const revenge::ProcessResult& result) {
  Ended ended{.code = result.signal() == 0 ? result.exitCode() : -1,
              .out = std::string(result.out()),
              .err = std::string(result.err())};
  switch (result.ended()) {
    case revenge::ChildEnd::kTimedOut:
      return fail(Errc::kTimedOut, name + ": it ran out of time, and was ended");
    case revenge::ChildEnd::kCancelled:
      return fail(Errc::kCancelled, name + ": nobody waits for it any more; it was ended");
    default:
      return ended;
  }
}

}  // namespace

postgresql::RunProgram runsOn(revenge::Host& host, Time& time) {
  return [&host, &time](const postgresql::Program& program, const Limit& limit) -> Result<Ended> {
    revenge::Command command;
    command.arguments = program.words;
    command.environment = program.environment;
    command.timeout =
        std::max<std::chrono::nanoseconds>(limit.deadline() - time.now(), std::chrono::milliseconds(1));
    command.out = revenge::ChildOutput::collect(kMost, revenge::Beyond::kKeepHead);
    command.err = revenge::ChildOutput::collect(0, revenge::Beyond::kKeepTail);
    command.niceness = 5;
    command.ioPriority = revenge::IoPriority::kLow;
    auto child = host.processes().open(std::move(command)).wait();
    if (!child) return std::unexpected(std::move(child.error()));
    const revenge::Timer watch = host.timers().every(kLook, [&] {
      if (limit.isGivenUp()) child->cancel();
    });
    const auto result = child->ended().wait();
    if (!result) return std::unexpected(result.error());
    return endedOf(program.words.front(), *result);
  };
}

}  // namespace database
