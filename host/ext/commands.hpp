// Adapter of revenge.command/1: keeps the commands of instances and runs those of the visible one, each run on a thread of its
// own that is counted into the instance, so that a drain waits for it and a handover does not. Thread safety: any thread.
// Owned by the Bundle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <revenge/abi/command.h>

#include "base/scheduler.hpp"
#include "http/exchange.hpp"
#include "plugin/capabilities.hpp"
#include "plugin/commands.hpp"
#include "plugin/host_record.hpp"
#include "runtime/spawner.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class CommandsAdapter final : public plugin::Commands {
 public:
  CommandsAdapter(service::Domain& domain, base::Scheduler& scheduler, runtime::Spawner& spawner)
      : domain_(domain),
        scheduler_(scheduler),
        spawner_(spawner),
        commands_(kCommandKind),
        running_(kRunningKind) {}
  static const revenge_commands& table();

  // kInvalid names what is wrong; kExists, kLimit. Requires: the command has a function.
  base::Result<> add(const revenge_host& host, const revenge_command& command);

  // Who will be visible, and that they are now: their commands are those that are run.
  void contribute(const plugin::Scene& scene);
  void published();

  base::Result<std::vector<plugin::CommandView>> list(std::string_view plugin) const override;
  plugin::CommandRunning run(plugin::CommandAsked asked, std::shared_ptr<base::Executor> late,
                             plugin::CommandDone done) override;
  void cancel(plugin::CommandRunning running) override;

  // Of the call of a run; nothing: it is not one of these.
  std::optional<http::CallState> stateOf(revenge_handle cancel) const;
  // What the instance runs is told that nobody waits; how many there were.
  std::size_t cancelAll(const revenge_host& host);
  void withdraw(const revenge_host& host) { commands_.withdraw(host.instance); }
  std::size_t count(const revenge_host& host) const { return commands_.count(host.instance); }
  // A line for each that runs: "command backup (41 s)".
  std::vector<std::string> holders(const revenge_host& host) const;

 private:
  struct Command;
  struct Run;
  using Shared = std::shared_ptr<const Command>;  // with the runs that are under way
  using SharedRun = std::shared_ptr<Run>;         // with its thread, its timer and the table
  static constexpr std::uint8_t kCommandKind = 23;
  static constexpr std::uint8_t kRunningKind = 24;
  static constexpr std::size_t kMaxCommands = 100;  // of one instance
  static constexpr std::size_t kMaxRunning = 16;    // likewise

  const revenge_host* visible(std::string_view plugin) const;
  std::vector<Shared> of(const revenge_host& host) const;
  base::Result<Shared> find(const plugin::CommandAsked& asked) const;
  void begin(const SharedRun& run);
  base::Result<> start(const SharedRun& run, const Shared& command);
  void carryOut(Run& run);
  void settle(Run& run, base::Result<std::string> answer);
  void refuse(Run& run, const base::Error& why);

  service::Domain& domain_;
  base::Scheduler& scheduler_;
  runtime::Spawner& spawner_;
  service::HandleTable<Shared> commands_;
  service::HandleTable<SharedRun> running_;
  mutable std::mutex mutex_;
  std::optional<std::vector<const revenge_host*>> next_;  // guarded by mutex_
  std::vector<const revenge_host*> visible_;              // guarded by mutex_
};

}  // namespace revenge::ext
