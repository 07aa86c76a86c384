// The first load of an unknown library happens in a child process, because a static initialiser that throws,
// hangs, crashes or exits cannot be contained in this one. Thread safety: Probe::run from any thread,
// blocking for at most the deadline; never on an I/O thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace revenge::module {

// What the child saw of a library that loaded and shook hands.
struct ProbeReport {
  std::string id;
  std::string version;
  std::string sdkVersion;
  bool unmaps = false;               // it was gone after dlclose
  std::string whyNot;                // when it did not unmap, or the child died of unmapping it
  std::vector<std::string> changes;  // process-wide settings that loading changed: "umask 0022 -> 0000"
};

class Probe {
 public:
  // `host` is started as `<host> --probe <library> <descriptor>` and must call probeMain.
  Probe(std::filesystem::path host, const base::Clock& clock) : host_(std::move(host)), clock_(&clock) {}

  // The failure names what happened: "a static initialiser threw std::runtime_error: no such table".
  base::Result<ProbeReport> run(const std::filesystem::path& library, base::Duration deadline) const;

 private:
  std::filesystem::path host_;
  const base::Clock* clock_;
};

// The child: dlopen, handshake, report, unload, report. Returns the exit code. Call it first thing in main.
int probeMain(const char* library, int descriptor);

// For the cache: one line of JSON and back.
std::string toJson(const ProbeReport& report);
base::Result<ProbeReport> probeReportFromJson(std::string_view json);

}  // namespace revenge::module
