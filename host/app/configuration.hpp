// The configuration in force and how the rooms see it: every room and plugin gets its values from one immutable snapshot.
// reloader.hpp says when another takes its place. Thread safety: every function may be called
// from any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "config/load.hpp"
#include "http/server.hpp"
#include "module/manifest.hpp"
#include "observe/log.hpp"
#include "plugin/section.hpp"
#include "runtime/lanes.hpp"

namespace revenge::app {

class Configuration {
 public:
  // Every cause at once, one line each.
  static std::expected<std::unique_ptr<Configuration>, config::Problems> open(const Serve& options);

  std::shared_ptr<const config::Snapshot> snapshot() const;
  const config::Problems& warnings() const { return warnings_; }

  // Reads the files again. On failure the snapshot stays; the error holds every cause.
  base::Result<> reread();

  config::Places places() const { return config::placesOf(inputs_); }
  const config::Sources& sources() const { return sources_; }  // as they were at the start
  // What they would be, or every cause why not.
  std::expected<config::Loaded, config::Problems> candidate(const config::Sources& sources) const;
  // Puts another one in force and gives back the one before.
  std::shared_ptr<const config::Snapshot> exchange(std::shared_ptr<const config::Snapshot> next);
  // The section of a plugin under the schema of that very version, with the JSON object `over` laid over it.
  base::Result<std::shared_ptr<const plugin::Section>> section(const module::Manifest& manifest,
                                                               const std::string& over);

  http::ServerOptions server() const;
  observe::Level logLevel() const;
  // Where the flags are defined; the file need not exist.
  std::filesystem::path flagsFile() const;

 private:
  Configuration(config::Inputs inputs, config::Sources sources, config::Loaded loaded);

  const config::Inputs inputs_;
  const config::Sources sources_;
  const config::Problems warnings_;
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Snapshot> snapshot_;  // guarded by mutex_
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace revenge::app
