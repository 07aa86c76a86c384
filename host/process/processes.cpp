#include "process/processes.hpp"

#include <algorithm>
#include <utility>

#include "process/processes_core.hpp"
#include "process/refusal.hpp"

namespace revenge::process {

using base::Errc;

namespace {

constexpr std::chrono::seconds kStopPatience{5};

// Nothing of the host's environment goes to a child: it holds the host's secrets.
void complete(std::vector<std::string>& environment, const std::vector<std::string>& defaults) {
  for (const std::string& variable : defaults) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    if (std::ranges::none_of(environment, [&](const std::string& given) { return given.starts_with(name); }))
      environment.push_back(variable);
  }
}

void limitBy(OutputWish& wish, std::uint64_t most) {
  if (wish.form == OutputForm::kCollect && wish.max_bytes == 0) wish.max_bytes = most;
}

}  // namespace

Processes::Processes(const Parts& parts, ProcessOptions options)
    : core_(std::make_shared<ProcessesCore>(parts, std::move(options))) {}

Processes::~Processes() { static_cast<void>(stop()); }

std::shared_ptr<const ChildStats> Processes::statsOf(const std::string& owner) {
  auto known = stats_.find(owner);
  if (known == stats_.end())
    known = stats_.emplace(owner, std::make_shared<const ChildStats>(core_->metrics, owner)).first;
  return known->second;
}

base::Result<std::shared_ptr<Child>> Processes::prepare(Command command) {
  if (auto ok = checkCommand(command); !ok) return std::unexpected(std::move(ok.error()));
  const ProcessOptions& options = core_->options;
  complete(command.program.environment, {"PATH=" + options.path, "LANG=C.UTF-8", "TMPDIR=/tmp"});
  limitBy(command.out, options.max_collected_bytes);
  limitBy(command.err, options.max_collected_bytes);
  const std::lock_guard lock(mutex_);
  if (stopped_) return base::fail(Errc::kCancelled, "the host is stopping");
  auto stats = statsOf(command.owner);
  return std::make_shared<Child>(core_, std::move(stats), std::move(command), ++last_id_);
}

bool Processes::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return true;
  }
  return core_->link->stop(kStopPatience);
}

}  // namespace revenge::process
