// The checks of doctor.hpp, each of which adds what it found. Thread safety: any thread that may wait for disks.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include <sys/types.h>

#include "admin/finding.hpp"
#include "config/snapshot.hpp"

namespace revenge::app {

void checkFolders(admin::Findings& findings, const config::Snapshot& values);  // state, cache, run
void checkPackages(admin::Findings& findings,
                   const config::Snapshot& values);  // folders and manifests, no code
void checkLimits(admin::Findings& findings, const config::Snapshot& values);  // open files, membarrier
void checkMounts(admin::Findings& findings, std::span<const std::string> files);
void checkWatches(admin::Findings& findings, std::span<const std::string> files);

// Who answers there; none: nobody.
std::optional<pid_t> checkSocket(admin::Findings& findings, const std::filesystem::path& socket);
// Whether a host that starts now gets its port; `host` is one that runs already.
void checkPort(admin::Findings& findings, const config::Snapshot& values, std::optional<pid_t> host);

}  // namespace revenge::app
