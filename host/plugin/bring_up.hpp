// From a folder on disk to an instance that is started and healthy but not yet visible, in the steps between which a set of
// plugins is tied together and a gate is closed. Thread safety: called by the operation that holds the record.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "plugin/instance.hpp"
#include "plugin/roster.hpp"

namespace revenge::plugin {

class BringUp {
 public:
  // All outlive this object.
  BringUp(Roster& roster, Record& record, const Progress& progress)
      : roster_(roster), record_(record), progress_(progress), last_(roster.rooms.clock.now()) {}

  // Package, verdict, what its manifest and configuration say: nothing of the plugin has run. `over`: JSON laid over its
  // section. `beside`: manifests of the set it belongs to, which may offer what it needs; `leaving`: ids that will not.
  base::Result<> examine(const std::filesystem::path& folder, const std::string& over,
                         std::span<const module::Manifest* const> beside,
                         std::span<const std::string> leaving);
  // Of the examined one, after examine().
  const module::Manifest& manifest() const { return *manifest_; }
  const module::Verdict& verdict() const { return verdict_; }
  const module::SignatureVerdict& signature() const { return signature_; }
  bool isExamined() const { return manifest_.has_value(); }
  // Whether it can take over from `before` what that one keeps; as strict for an older version as for a newer one.
  base::Result<> judgeState(const Instance* before) const;

  // Loads it and calls create(). From here on a failure has to be followed by undo().
  base::Result<> create();
  // restore(), with what the one before saved.
  base::Result<> restore(const SavedState& saved);
  // start() and health().
  base::Result<> start();
  // Takes down what was made, in reverse order; what could not be (a call that never returned) is kept in record.old and
  // shown.
  void undo(const base::Error& why);

  const std::shared_ptr<Instance>& instance() const { return instance_; }  // after create()
  void step(std::string name);
  const std::vector<Step>& steps() const { return steps_; }
  std::vector<std::string>& warnings() { return warnings_; }
  // Why it serves but is not well; empty when it is.
  const std::string& degraded() const { return degraded_; }
  // How the failure ends for the record: kRefuse (the host said no), kMiss (a requirement is away), kFail (the plugin's
  // code did), kHang.
  Event failure() const { return failure_; }
  void failsBy(Event event) { failure_ = event; }

 private:
  base::Result<> requirements(std::span<const module::Manifest* const> beside,
                              std::span<const std::string> leaving);
  base::Result<> load();
  base::Result<std::unique_ptr<module::Image>> loadImage(base::PluginMark mark, module::Candidate candidate);
  observe::PluginBuild build() const;  // requires: load() made the instance
  base::Result<> judge(base::Result<> result);

  Roster& roster_;
  Record& record_;
  const Progress& progress_;
  base::Instant last_;
  std::vector<Step> steps_;
  std::vector<std::string> warnings_;
  std::string degraded_;
  Event failure_ = Event::kRefuse;
  std::optional<module::Candidate> candidate_;
  std::optional<module::Manifest> manifest_;
  module::Verdict verdict_;
  module::SignatureVerdict signature_;
  std::shared_ptr<Instance> instance_;
  std::shared_ptr<const Section> section_;
};

}  // namespace revenge::plugin
