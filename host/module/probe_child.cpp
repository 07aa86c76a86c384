// The child's side of the probe. It says one JSON object per line: {"phase"}, then {"loaded"} or {"failed"}, then
// {"unmaps","why"}. What it does not come to say is what the plugin did to it.
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include <cxxabi.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "document/json.hpp"
#include "module/handshake.hpp"
#include "module/leftovers.hpp"
#include "module/library.hpp"
#include "module/probe.hpp"

namespace revenge::module {
namespace {

using document::Value;

// Only for the terminate handler, which has no argument; the child probes one library and ends.
int reportDescriptor = -1;
const char* phaseNow = "a static initialiser";

void say(const Value& line) {
  const auto text = document::writeJson(line) + "\n";
  [[maybe_unused]] const auto wrote = ::write(reportDescriptor, text.data(), text.size());
}

void say(std::string_view key, std::string_view text) {
  Value line;
  line.set(key, text);
  say(line);
}

std::string describeCurrentException() {
  const auto* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "called std::terminate";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
  auto text = fmt::format("threw {}", plain ? plain.get() : type->name());
  try {
    throw;
  } catch (const std::exception& exception) {
    return fmt::format("{}: {}", text, exception.what());
  } catch (...) {
    return text;
  }
}

[[noreturn]] void onTerminate() {
  say("failed", fmt::format("{} {}", phaseNow, describeCurrentException()));
  ::_exit(1);
}

// Settings of the whole process that a static initialiser may change behind the host's back.
std::map<std::string, std::string> processSettings() {
  std::map<std::string, std::string> settings;
  std::error_code ignored;
  settings["working folder"] = std::filesystem::current_path(ignored).string();
  const char* locale = std::setlocale(LC_ALL, nullptr);  // NOLINT(concurrency-mt-unsafe): one thread
  settings["locale"] = locale != nullptr ? locale : "";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    for (const std::string_view key : {"Umask:", "Threads:", "SigCgt:", "SigIgn:", "SigBlk:"}) {
      if (line.starts_with(key))
        settings[std::string(key.substr(0, key.size() - 1))] = line.substr(key.size() + 1);
    }
  }
  for (const auto& [name, which] : std::initializer_list<std::pair<const char*, int>>{
           {"limit of descriptors", RLIMIT_NOFILE}, {"limit of the stack", RLIMIT_STACK}}) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(which), &limit);
    settings[name] = fmt::format("{}", limit.rlim_cur);
  }
  std::string all;
  for (char** variable = environ; *variable != nullptr; ++variable) all += std::string(*variable) + "\n";
  settings["environment"] = std::to_string(std::hash<std::string>()(all));
  return settings;
}

std::vector<std::string> changesSince(const std::map<std::string, std::string>& before) {
  static const std::map<std::string, std::string> names{{"Umask", "umask"},
                                                        {"Threads", "number of threads"},
                                                        {"SigCgt", "handled signals"},
                                                        {"SigIgn", "ignored signals"},
                                                        {"SigBlk", "blocked signals of the thread"}};
  std::vector<std::string> changes;
  for (const auto& [key, now] : processSettings()) {
    const auto& old = before.at(key);
    if (now == old) continue;
    const auto name = names.contains(key) ? names.at(key) : key;
    changes.push_back(key == "environment" ? "changes the environment"
                                           : fmt::format("changes the {} from {} to {}", name, old, now));
  }
  return changes;
}

void phase(const char* now) {
  phaseNow = now;
  say("phase", now);
}

int fails(const base::Error& error) {
  say("failed", error.message);
  return 0;
}

int probe(const char* path) {
  const auto before = processSettings();
  const auto threads = threadsOfThisProcess();
  auto library = Library::load(path);
  if (!library) return fails(library.error());
  const auto entry = library->entry();
  if (!entry) return fails(entry.error());
  phase(REVENGE_PLUGIN_ENTRY);
  const auto shaken = shakeHands(*entry);
  if (!shaken) return fails(shaken.error());

  const ProbeReport report{.id = shaken->id,
                           .version = shaken->version,
                           .sdkVersion = shaken->sdkVersion,
                           .unmaps = false,
                           .whyNot = {},
                           .changes = changesSince(before)};
  Value line;
  line.set("loaded", document::parseJson(toJson(report), "probe report").value());
  say(line);

  phase("unloading");
  const auto left = findLeftovers(library->range(), threads, {});
  if (left.empty()) {
    library->close();
    if (library->isMapped()) library->reap();
  }
  const bool unmaps = !library->isMapped();
  Value last;
  last.set("unmaps", unmaps);
  last.set("why", unmaps         ? ""
                  : left.empty() ? "in a trial, the loader kept it"
                                 : "when loaded, " + left.front());
  say(last);
  if (!left.empty()) ::_exit(0);  // leaving in order would unmap it under what it left
  return 0;
}

}  // namespace

int probeMain(const char* library, int descriptor) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // Ignored in the host: a library that keeps it away from itself, as POCO does, changes nothing there.
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  reportDescriptor = descriptor;
  std::set_terminate(&onTerminate);
  return probe(library);
}

}  // namespace revenge::module
