// One child process, as its caller sees it. Shared by the caller, the warden's link and the loop that carries its pipes.
// Thread safety: the caller's functions from any thread, everything else on its loop.
//
// Whoever waits is told exactly once, on the loop, in a task of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "process/child_stats.hpp"
#include "process/command.hpp"
#include "process/intake.hpp"
#include "process/outflow.hpp"
#include "process/places.hpp"
#include "process/told.hpp"
#include "process/warden_link.hpp"

namespace revenge::process {

struct ProcessesCore;

enum class Until : std::uint8_t { kStarted, kEnded };
enum class Stream : std::uint8_t { kOut, kErr };
// kLeaving: its owner cannot wait for a long grace.
enum class Haste : std::uint8_t { kNone, kLeaving };

class Child final : public ChildEvents, public Guest, public std::enable_shared_from_this<Child> {
 public:
  Child(std::shared_ptr<ProcessesCore> core, std::shared_ptr<const ChildStats> stats, Command command,
        std::uint64_t id);
  ~Child() override;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The caller's.

  // Told when it runs or has ended, as asked; a failure: it never ran, or the warden was lost with it.
  void start(Until until, Told told);
  base::Result<Went> awaitEnd(Told told);
  // Valid as long as the Child. kBusy: it has not ended.
  base::Result<const Outcome*> outcome() const;
  base::Result<Went> read(Stream stream, std::string_view& piece, Told told);
  base::Result<Went> write(std::string_view data, Told told) { return input_.write(data, std::move(told)); }
  base::Result<> finish() { return input_.finish(); }
  // To its group. kGone: it has ended.
  base::Result<> signal(int number);
  void cancel(const base::Error& why, Haste haste = Haste::kNone);
  void close();
  pid_t pid() const;  // 0: it never ran

  // Of the places and of the warden's link, from their threads.

  void admitted() override;
  const std::string& owner() const override { return command_.owner; }
  void started(pid_t pid) override;
  void refused(Step step, int error) override;
  void ended(const Ended& ended) override;
  void lost(const base::Error& why) override;

 private:
  enum class State : std::uint8_t { kFresh, kWaiting, kStarting, kRunning, kEnded, kOver };

  struct Ends;  // of its pipes that are the host's

  PipeTie tie();
  Intake::Notices notices();
  template <typename Function>
  void onLoop(Function function);
  void tell(Told told, base::Result<Came> result);
  void armDeadline();
  void deadlinePassed();
  void launch();
  base::Result<StartChild> describe();
  void runs(pid_t pid);
  void terminate(How how);
  void askToEnd();
  void killAfter(base::Duration grace);
  void hasEnded(const Ended& ended);
  void finishIfDrained();
  void fail(const base::Error& why);
  void settle(const base::Error* why);

  const std::shared_ptr<ProcessesCore> core_;
  const std::shared_ptr<const ChildStats> stats_;
  Command command_;
  const std::uint64_t id_;
  const std::size_t loop_;
  Intake out_;
  Intake err_;
  Outflow input_;

  // The loop's.
  State state_ = State::kFresh;
  bool placed_ = false;
  std::unique_ptr<Ends> ends_;
  base::Instant since_;
  std::optional<How> asked_to_end_;
  Haste haste_ = Haste::kNone;
  Outcome result_;  // while it is being completed
  base::TimerId deadline_ = base::TimerId::kNone;
  base::TimerId grace_ = base::TimerId::kNone;

  mutable std::mutex mutex_;  // guards what follows
  Until until_ = Until::kEnded;
  std::shared_ptr<void> keeper_;
  Told starting_;
  Told ending_;
  pid_t pid_ = 0;
  std::optional<Outcome> outcome_;
  std::optional<base::Error> why_;
};

}  // namespace revenge::process
