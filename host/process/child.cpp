#include "process/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/processes_core.hpp"
#include "process/refusal.hpp"

namespace revenge::process {

using base::Errc;

// Held between the start and the word that it runs.
struct Child::Ends {
  base::UniqueFd input;
  base::UniqueFd out;
  base::UniqueFd err;
};

namespace {

// Below what a stop of a plugin waits for what it has cancelled.
constexpr std::chrono::milliseconds kHurriedGrace{500};

base::Result<> makePipe(base::UniqueFd& reads, base::UniqueFd& writes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0)
    return base::fail(Errc::kUnavailable, "a pipe could not be made: {}", base::errnoText(errno));
  reads.reset(ends[0]);
  writes.reset(ends[1]);
  return {};
}

}  // namespace

Child::Child(std::shared_ptr<ProcessesCore> core, std::shared_ptr<const ChildStats> stats, Command command,
             std::uint64_t id)
    : core_(std::move(core)),
      stats_(std::move(stats)),
      command_(std::move(command)),
      id_(id),
      loop_(core_->reactor.next()),
      out_(command_.out, tie(), notices()),
      err_(command_.err, tie(), notices()),
      input_(command_.input, std::move(command_.input_bytes), tie()),
      keeper_(std::move(command_.keeper)) {}

Child::~Child() = default;

PipeTie Child::tie() {
  return {core_->reactor, loop_, [this] { return shared_from_this(); },
          [this](Told told, base::Result<Came> result) { tell(std::move(told), std::move(result)); }};
}

Intake::Notices Child::notices() {
  return {[this] { terminate(How::kOutputLimit); }, [this] { finishIfDrained(); }};
}

template <typename Function>
void Child::onLoop(Function function) {
  static_cast<void>(core_->reactor.post(
      loop_, [self = shared_from_this(), function = std::move(function)]() mutable { function(*self); }));
}

// Nothing is left to do for the loop when the function is a plugin's and does not come back.
void Child::tell(Told told, base::Result<Came> result) {
  static_cast<void>(core_->reactor.post(
      loop_, [self = shared_from_this(), told = std::move(told), result = std::move(result)]() mutable {
        runtime::Reactor::Excursion away(self->command_.mark);
        told(result);
        told = nullptr;
        static_cast<void>(away.end());
      }));
}

void Child::start(Until until, Told told) {
  {
    const std::lock_guard lock(mutex_);
    until_ = until;
    starting_ = std::move(told);
  }
  const bool taken = core_->reactor.post(loop_, [self = shared_from_this()] {
    if (self->state_ != State::kFresh) return;  // given up already
    self->state_ = State::kWaiting;
    self->stats_->waits();
    self->armDeadline();
    self->core_->places.enter(self);
  });
  if (!taken) fail({Errc::kCancelled, "the host is stopping"});
}

void Child::armDeadline() {
  base::Instant when = command_.deadline;
  if (command_.timeout > base::Duration::zero())
    when = std::min(when, core_->scheduler.clock().now() + command_.timeout);
  if (when == base::Instant::max()) return;
  deadline_ = core_->scheduler.at(
      when,
      [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->deadlinePassed();
      },
      core_->reactor.executor(loop_));
}

void Child::deadlinePassed() {
  if (state_ != State::kWaiting) return terminate(How::kTimedOut);
  core_->places.giveUp(*this);
  fail({Errc::kTimedOut,
        fmt::format(
            "{}: no place was free before the deadline (process.max_running, process.max_running_per_plugin)",
            command_.program.argv.front())});
}

void Child::admitted() {
  onLoop([](Child& self) {
    if (self.state_ != State::kWaiting) return self.core_->places.leave(self.owner());
    self.placed_ = true;
    self.launch();
  });
}

void Child::launch() {
  stats_->waitsNoMore();
  state_ = State::kStarting;
  auto start = describe();
  if (!start) return fail(start.error());
  if (!core_->link->start(std::move(*start), shared_from_this()))
    fail({Errc::kCancelled, "the host is stopping"});
}

base::Result<StartChild> Child::describe() {
  StartChild start;
  start.id = id_;
  start.program = command_.program;
  ends_ = std::make_unique<Ends>();
  if (input_.wanted()) {
    if (auto ok = makePipe(start.stdio[0], ends_->input); !ok) return std::unexpected(ok.error());
  }
  if (out_.wanted()) {
    if (auto ok = makePipe(ends_->out, start.stdio[1]); !ok) return std::unexpected(ok.error());
  }
  if (err_.wanted()) {
    if (auto ok = makePipe(ends_->err, start.stdio[2]); !ok) return std::unexpected(ok.error());
  }
  return start;
}

void Child::started(pid_t pid) {
  onLoop([pid](Child& self) { self.runs(pid); });
}

void Child::runs(pid_t pid) {
  if (state_ != State::kStarting) return;
  state_ = State::kRunning;
  since_ = core_->scheduler.clock().now();
  stats_->runs();
  core_->logger.debug("child started",
                      {{"plugin", owner()}, {"program", command_.program.argv.front()}, {"pid", pid}});
  const auto ends = std::move(ends_);
  if (ends->out) out_.open(std::move(ends->out));
  if (ends->err) err_.open(std::move(ends->err));
  if (ends->input) input_.open(std::move(ends->input));
  Told told;
  {
    const std::lock_guard lock(mutex_);
    pid_ = pid;
    if (until_ == Until::kStarted) told = std::exchange(starting_, nullptr);
  }
  if (told) tell(std::move(told), Came{});
  if (asked_to_end_) askToEnd();
}

void Child::terminate(How how) {
  if (state_ == State::kOver || asked_to_end_) return;
  asked_to_end_ = how;
  if (state_ == State::kRunning) askToEnd();
}

void Child::askToEnd() {
  core_->link->signal(id_, SIGTERM);
  const auto grace = command_.grace > base::Duration::zero() ? command_.grace : core_->options.grace;
  killAfter(haste_ == Haste::kLeaving ? std::min<base::Duration>(grace, kHurriedGrace) : grace);
}

void Child::killAfter(base::Duration grace) {
  core_->scheduler.cancel(grace_);
  grace_ = core_->scheduler.after(
      grace,
      [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self != nullptr && self->state_ == State::kRunning) self->core_->link->signal(self->id_, SIGKILL);
      },
      core_->reactor.executor(loop_));
}

void Child::refused(Step step, int error) {
  onLoop([step, error](Child& self) { self.fail(describeRefusal(self.command_.program, step, error)); });
}

void Child::ended(const Ended& ended) {
  onLoop([ended](Child& self) { self.hasEnded(ended); });
}

void Child::lost(const base::Error& why) {
  onLoop([why](Child& self) { self.fail(why); });
}

void Child::hasEnded(const Ended& ended) {
  if (state_ != State::kRunning) return;
  state_ = State::kEnded;
  result_.wall = core_->scheduler.clock().now() - since_;
  result_.user = std::chrono::microseconds(ended.user_us);
  result_.system = std::chrono::microseconds(ended.system_us);
  result_.max_rss_bytes = ended.max_rss_kib * 1024;
  if (WIFSIGNALED(ended.status)) {
    result_.how = How::kSignalled;
    result_.signal = WTERMSIG(ended.status);
  } else {
    result_.exit_code = WEXITSTATUS(ended.status);
  }
  input_.close();
  out_.childEnded();
  err_.childEnded();
  finishIfDrained();
}

// A stream goes on to be read after the end; what is collected has to be there.
void Child::finishIfDrained() {
  const auto lacks = [](const Intake& intake, const OutputWish& wish) {
    return wish.form == OutputForm::kCollect && !intake.over();
  };
  if (state_ != State::kEnded || lacks(out_, command_.out) || lacks(err_, command_.err)) return;
  if (asked_to_end_) result_.how = *asked_to_end_;
  result_.out = out_.takeCollected();
  result_.err = err_.takeCollected();
  result_.out_cut = out_.cut();
  result_.err_cut = err_.cut();
  stats_->ended(result_.how, result_.wall);
  core_->logger.debug("child ended", {{"plugin", owner()},
                                      {"program", command_.program.argv.front()},
                                      {"pid", pid()},
                                      {"how", nameOf(result_.how)},
                                      {"exit_code", result_.exit_code},
                                      {"signal", result_.signal},
                                      {"after", result_.wall}});
  settle(nullptr);
}

void Child::fail(const base::Error& why) {
  if (state_ == State::kOver) return;
  if (state_ == State::kWaiting) stats_->waitsNoMore();
  if (state_ == State::kRunning || state_ == State::kEnded)
    stats_->lost();
  else
    stats_->neverRan();
  core_->logger.debug(
      "child failed",
      {{"plugin", owner()}, {"program", command_.program.argv.front()}, {"why", why.message}});
  settle(&why);
}

// The one place where it is over.
void Child::settle(const base::Error* why) {
  state_ = State::kOver;
  ends_.reset();
  core_->scheduler.cancel(deadline_);
  core_->scheduler.cancel(grace_);
  std::shared_ptr<void> keeper;
  std::array<Told, 2> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (why != nullptr)
      why_ = *why;
    else
      outcome_ = std::move(result_);
    keeper = std::move(keeper_);
    waiting = {std::exchange(starting_, nullptr), std::exchange(ending_, nullptr)};
  }
  if (why != nullptr) {
    input_.close();
    out_.childEnded();
    err_.childEnded();
  }
  for (Told& told : waiting) {
    if (!told) continue;
    if (why != nullptr)
      tell(std::move(told), std::unexpected(*why));
    else
      tell(std::move(told), Came{});
  }
  if (std::exchange(placed_, false)) core_->places.leave(owner());
}

base::Result<Went> Child::awaitEnd(Told told) {
  const std::lock_guard lock(mutex_);
  if (why_) return std::unexpected(*why_);
  if (outcome_) return Went::kDone;
  if (ending_) return base::fail(Errc::kBusy, "somebody waits for its end already");
  ending_ = std::move(told);
  return Went::kPending;
}

base::Result<const Outcome*> Child::outcome() const {
  const std::lock_guard lock(mutex_);
  if (why_) return std::unexpected(*why_);
  if (!outcome_) return base::fail(Errc::kBusy, "it has not ended yet");
  return &*outcome_;
}

base::Result<Went> Child::read(Stream stream, std::string_view& piece, Told told) {
  return (stream == Stream::kOut ? out_ : err_).read(piece, std::move(told));
}

base::Result<> Child::signal(int number) {
  if (number < 1 || number >= NSIG) return base::fail(Errc::kInvalid, "signal {}: no such one", number);
  {
    const std::lock_guard lock(mutex_);
    if (why_ || outcome_) return base::fail(Errc::kGone, "it has ended");
    if (pid_ == 0) return base::fail(Errc::kBusy, "it does not run yet");
  }
  core_->link->signal(id_, number);
  return {};
}

void Child::cancel(const base::Error& why, Haste haste) {
  onLoop([why, haste](Child& self) {
    if (self.state_ == State::kFresh || self.state_ == State::kWaiting) {
      self.core_->places.giveUp(self);
      return self.fail(why);
    }
    const bool hurries = haste == Haste::kLeaving && std::exchange(self.haste_, haste) != haste;
    const bool asked = self.asked_to_end_.has_value();
    self.terminate(How::kCancelled);
    if (hurries && asked && self.state_ == State::kRunning) self.killAfter(kHurriedGrace);
  });
}

void Child::close() {
  onLoop([](Child& self) {
    self.out_.close();
    self.err_.close();
  });
  cancel({Errc::kCancelled, "closed by its caller"});
}

pid_t Child::pid() const {
  const std::lock_guard lock(mutex_);
  return pid_;
}

}  // namespace revenge::process
