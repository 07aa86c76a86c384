// `revenge dev`: waits for a save, builds, swaps what was built into the running host, and says what came of it. Thread
// safety: confined to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "document/value.hpp"
#include "revenge/changes.hpp"
#include "revenge/child.hpp"
#include "revenge/dev_options.hpp"
#include "revenge/host_link.hpp"
#include "revenge/installation.hpp"
#include "revenge/own_host.hpp"
#include "revenge/packages.hpp"
#include "revenge/project.hpp"
#include "revenge/source_watch.hpp"
#include "revengectl/text.hpp"

namespace revenge::author {

struct DevSurroundings {
  const base::Clock& clock;
  Installation installation;
  std::optional<std::string> socket;  // $REVENGE_SOCKET
  ctl::Colours colours = ctl::Colours::kOff;
  int stop;                                   // readable: end
  std::function<void(std::string_view)> out;  // shown at once
};

class Dev {
 public:
  // Errors: kNotFound (no plugin here), kLimit, kIo.
  static base::Result<std::unique_ptr<Dev>> open(const DevOptions& options, const DevSurroundings& around);

  // Until `stop` is readable.
  base::Result<> run();

 private:
  enum class Work { kConfigure, kBuild };
  enum class Link { kNotAsked, kAway, kThere };

  Dev(const DevOptions& options, const DevSurroundings& around, Project project, SourceWatch watch);

  base::Result<> wait();
  base::Result<> startHost();
  base::Result<> work();
  void workSaid(std::string_view line);
  base::Result<> workEnded(int code);
  void built(base::Duration took);
  void handOver();
  void swap(const Package& package);
  void refused(const Package& package, const base::Error& why);
  void served(const Package& package, const Swapped& swapped);
  void hostHasEnded();
  void lookForHost();
  void hostIsThere(const std::optional<Seen>& seen);
  void hostIsAway(std::string_view why);
  void logged(const document::Value& line);
  void farewell();

  std::string cause() const;  // of the build: what changed, and how long it took
  std::string goesOn() const;
  void say(std::string_view text, ctl::Tone tone = ctl::Tone::kPlain) const;

  const DevOptions options_;
  const DevSurroundings around_;
  const Project project_;
  SourceWatch watch_;
  Packages packages_;
  std::unique_ptr<OwnHost> own_;  // null: another one's
  HostLink link_;
  std::unique_ptr<HostTail> tail_;  // null: not there
  Link linked_ = Link::kNotAsked;
  base::Instant next_look_;

  Changes changes_;
  Changes::Taken causes_;  // of what is being built
  Work kind_ = Work::kConfigure;
  std::optional<Child> work_;
  base::Instant work_began_;
  std::string work_text_;  // of a configuration, shown where it fails
  std::string built_;      // "built 1.9 s"

  std::optional<Product> product_;
  std::string fingerprint_;  // of what was handed over last, or is to be
  bool waiting_ = false;     // something is built that the host was not told of
  std::string awaited_;      // version whose first line of the log is still to be shown; empty: none

  std::optional<Seen> before_;  // what the host ran when this began; none: it did not know the plugin
  bool asked_before_ = false;
  std::optional<Package> serving_;
  std::filesystem::path previous_;  // what a rollback leads to
};

}  // namespace revenge::author
