#include "app/doctor.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/ranges.h>

#include "app/doctor_checks.hpp"
#include "app/flags_keeper.hpp"

namespace revenge::app {

namespace {

using admin::Findings;
using admin::Grade;
using admin::Whence;

// What the files say now; a running host may be on what they said before.
void checkFiles(Findings& findings, const Configuration& configuration, Whence whence) {
  const auto read = configuration.candidate(config::readSources(configuration.places()));
  if (!read) {
    const char* const remedy = whence == Whence::kRunning
                                   ? "mend it; what was in force before stays until then"
                                   : "mend it; the host does not start with it";
    for (const std::string& problem : read.error())
      findings.push_back({"configuration", Grade::kProblem, problem, remedy});
  } else {
    for (const std::string& warning : read->warnings)
      findings.push_back(
          {"configuration", Grade::kWarning, warning, "mend it, or install what it is meant for"});
    if (read->warnings.empty())
      findings.push_back(
          {"configuration", Grade::kOk,
           fmt::format("{} files are read", config::readSources(configuration.places()).size()), ""});
  }
  const std::string flags = configuration.flagsFile().string();
  if (const auto defined = readFlagsFile(flags); !defined) {
    findings.push_back({"flags", Grade::kProblem, defined.error().message, "mend it"});
  } else {
    findings.push_back({"flags", Grade::kOk, flags, ""});
  }
}

std::vector<std::string> pathsOf(const Configuration& configuration) {
  std::vector<std::string> paths;
  for (const config::Source& source : config::readSources(configuration.places()))
    paths.push_back(source.path);
  paths.push_back(configuration.flagsFile().string());
  return paths;
}

Findings examine(const Configuration& configuration, Whence whence) {
  Findings findings;
  const auto values = configuration.snapshot();
  checkFiles(findings, configuration, whence);
  checkMounts(findings, pathsOf(configuration));
  if (values->boolean("/config/watch")) checkWatches(findings, pathsOf(configuration));
  checkFolders(findings, *values);
  checkPackages(findings, *values);
  checkLimits(findings, *values);
  return findings;
}

bool troubled(plugin::State state) {
  using enum plugin::State;
  return state == kRefused || state == kFailed || state == kStuck || state == kQuarantined;
}

void checkPlugins(Findings& findings, const plugin::Listing& listing, std::size_t max_retired) {
  std::size_t lingering = 0;
  for (const plugin::PluginView& view : listing.plugins) {
    for (const plugin::InstanceView& instance : view.instances) {
      using enum plugin::State;
      const bool lingers =
          instance.state == kDraining || instance.state == kRetired || instance.state == kStuck;
      lingering += lingers ? 1 : 0;
    }
    const std::string check = fmt::format("plugin {}", view.id);
    if (view.wanted && troubled(view.state)) {
      findings.push_back(
          {check, Grade::kProblem, fmt::format("{}: {}", plugin::name(view.state), view.note),
           fmt::format("mend it and `revengectl enable {0}`, or `revengectl disable {0}`", view.id)});
    } else if (view.wanted && view.state == plugin::State::kWaiting) {
      findings.push_back({check, Grade::kWarning, fmt::format("waiting: {}", view.note),
                          fmt::format("`revengectl why {}` shows what is behind that", view.id)});
    }
  }
  const std::string text = fmt::format(
      "{} replaced instances are still mapped, of {} that may be (host.max_retired)", lingering, max_retired);
  const bool near = lingering > 0 && lingering * 4 >= max_retired * 3;
  findings.push_back(
      {"replaced instances", near ? Grade::kWarning : Grade::kOk, text,
       near ? "`revengectl list` says what holds them; restart the host before swaps are refused" : ""});
}

}  // namespace

Findings examineStopped(const Serve& options) {
  const auto configuration = Configuration::open(options);
  Findings findings;
  if (!configuration) {
    for (const std::string& problem : configuration.error())
      findings.push_back(
          {"configuration", Grade::kProblem, problem, "mend it; the host does not start with it"});
    return findings;
  }
  findings = examine(**configuration, Whence::kStopped);
  const auto values = (*configuration)->snapshot();
  const auto host =
      checkSocket(findings, std::filesystem::absolute(values->text("/host/run_dir")) / "revenge.sock");
  if (!options.listen_fd) checkPort(findings, *values, host);
  return findings;
}

Findings examineRunning(const Configuration& configuration, const Running& running) {
  Findings findings = examine(configuration, Whence::kRunning);
  checkPlugins(findings, running.plugins,
               static_cast<std::size_t>(configuration.snapshot()->integer("/host/max_retired")));
  for (const observe::HealthEntry& entry : running.health.entries) {
    if (entry.met) continue;
    const Grade grade = entry.affects == observe::Affects::kDetail ? Grade::kWarning : Grade::kProblem;
    findings.push_back({"health", grade, fmt::format("{}: {}: {}", entry.component, entry.name, entry.reason),
                        "the reason says what is missing; `revengectl events` what came before"});
  }
  if (running.lost_log_lines > 0) {
    findings.push_back({"log", Grade::kWarning, fmt::format("{} lines were lost", running.lost_log_lines),
                        "whoever reads standard error is too slow, or log.level is too low"});
  }
  return findings;
}

}  // namespace revenge::app
