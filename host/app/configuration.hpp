// The configuration in force and how the rooms see it: every room and plugin gets its values from one immutable snapshot.
// reloader.hpp says when another takes its place. Thread safety: every function may be called
// from any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "config/current.hpp"
#include "config/load.hpp"
#include "http/outgoing.hpp"
#include "http/server.hpp"
#include "module/manifest.hpp"
#include "observe/log.hpp"
#include "observe/log_output.hpp"
#include "plugin/section.hpp"
#include "process/processes.hpp"
#include "runtime/lanes.hpp"

namespace revenge::app {

class Configuration {
 public:
  // Every cause at once, one line each.
  static std::expected<std::unique_ptr<Configuration>, config::Problems> open(const Serve& options);

  // For a moment: one load. Good until this thread reads again.
  const config::Snapshot& read() const { return current_.read(); }
  std::shared_ptr<const config::Snapshot> snapshot() const { return current_.keep(); }
  const std::shared_ptr<const config::Snapshot>& atStart() const { return first_; }
  const config::Problems& warnings() const { return warnings_; }

  // Reads the files again. On failure the snapshot stays; the error holds every cause.
  base::Result<> reread();

  config::Places places() const { return config::placesOf(inputs_); }
  const config::Sources& sources() const { return sources_; }  // as they were at the start
  // What they would be, or every cause why not.
  std::expected<config::Loaded, config::Problems> candidate(const config::Sources& sources) const;
  // The same with the mistakes in sections of plugins among the causes.
  std::expected<config::Loaded, config::Problems> candidate(const config::Sources& sources,
                                                            config::PluginSchemas schemas) const;
  // Puts another one in force and gives back the one before.
  std::shared_ptr<const config::Snapshot> exchange(std::shared_ptr<const config::Snapshot> next) {
    return current_.exchange(std::move(next));
  }
  // Who else is at hand under that id: what only their schemas know is left out of a section instead of refused. Set
  // before the first section is asked for.
  using VersionsAtHand = std::function<std::vector<module::Manifest>(std::string_view id)>;
  void consult(VersionsAtHand versions) { versions_ = std::move(versions); }
  // The section of a plugin under the schema of that very version, with the JSON object `over` laid over it.
  base::Result<std::shared_ptr<const plugin::Section>> section(const module::Manifest& manifest,
                                                               const std::string& over);

  http::ServerOptions server() const;
  http::OutgoingOptions outgoing() const;
  process::ProcessOptions processes() const;
  // How long a user's session outlasts their last request.
  std::chrono::seconds session() const;
  observe::Level logLevel() const;
  observe::LogLevels logLevels() const;  // of single components
  observe::LogPolicy logPolicy() const;
  observe::LogOutputOptions logOutput() const;
  // Where the flags are defined; the file need not exist.
  std::filesystem::path flagsFile() const;

 private:
  Configuration(config::Inputs inputs, config::Sources sources, config::Loaded loaded);

  const config::Inputs inputs_;
  const config::Sources sources_;
  const config::Problems warnings_;
  const std::shared_ptr<const config::Snapshot> first_;  // shared with current_ while it is in force
  config::Current current_;
  VersionsAtHand versions_;
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace revenge::app
