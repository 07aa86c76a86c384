// From a folder on disk to an instance that is started and healthy but not yet visible. Thread safety: called by the
// operation that holds the record.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "plugin/instance.hpp"
#include "plugin/roster.hpp"

namespace revenge::plugin {

class BringUp {
 public:
  BringUp(Roster& roster, Record& record, const Progress& progress)
      : roster_(roster), record_(record), progress_(progress), last_(roster.rooms.clock.now()) {}

  // On failure everything is undone, in reverse order; what could not be (a call that never returned) is kept in
  // record.old and shown. `before` is the serving instance whose state is to be carried over, or null.
  base::Result<std::shared_ptr<Instance>> run(const std::filesystem::path& folder, Instance* before);

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Why it serves but is not well; empty when it is.
  const std::string& degraded() const { return degraded_; }
  // How the failure ends for the record: kRefuse (the host said no), kFail (the plugin's code did), kHang.
  Event failure() const { return failure_; }

 private:
  base::Result<> requirements(const module::Manifest& manifest) const;
  base::Result<> prepareInstance(module::Candidate candidate);
  base::Result<> enterLife(Instance* before);
  base::Result<> carryState(Instance* before);
  base::Result<> judge(base::Result<> result);
  void step(std::string name);

  Roster& roster_;
  Record& record_;
  const Progress& progress_;
  base::Instant last_;
  std::vector<Step> steps_;
  std::vector<std::string> warnings_;
  std::string degraded_;
  Event failure_ = Event::kRefuse;
  std::shared_ptr<Instance> instance_;
  std::shared_ptr<const Section> section_;
};

}  // namespace revenge::plugin
