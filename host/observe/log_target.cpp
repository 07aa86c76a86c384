#include "observe/log_target.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <pthread.h>

namespace revenge::observe {

namespace {

constexpr std::chrono::seconds kLookEvery{1};

// Signals belong to the threads that expect them; a vanished reader of stderr shows as a failed write, not as
// SIGPIPE.
void blockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::uint64_t linesIn(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

// As much of `lines` as `room` holds, in whole lines.
std::string_view wholeLines(std::string_view lines, std::size_t room) {
  if (lines.size() <= room) return lines;
  const std::size_t end = lines.substr(0, room).rfind('\n');
  return lines.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

LogTarget::LogTarget(LogFormat format, std::size_t max_bytes, Counter lost_total, Open open,
                     std::unique_ptr<LogDestination> destination)
    : format_(format),
      max_bytes_(max_bytes),
      lost_total_(std::move(lost_total)),
      open_(std::move(open)),
      destination_(std::move(destination)) {}

void LogTarget::push(base::WallTime time, std::string_view lines) {
  {
    const std::lock_guard lock(mutex_);
    last_time_ = time;
    const std::size_t room = closing_ ? 0 : max_bytes_ - std::min(max_bytes_, queue_.size());
    const std::string_view fits = wholeLines(lines, room);
    if (fits.size() < lines.size()) {
      const std::uint64_t missing = linesIn(lines.substr(fits.size()));
      unreported_ += missing;
      lose(missing);
    }
    queue_.append(fits);
    pushed_bytes_ += fits.size();
    if (!idle_ || queue_.empty()) return;
    idle_ = false;
  }
  work_.notify_one();
}

void LogTarget::lose(std::uint64_t lines) {
  lost_ += lines;
  lost_total_.add(static_cast<double>(lines));
}

void LogTarget::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
    idle_ = false;
  }
  work_.notify_one();
}

bool LogTarget::flush(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = pushed_bytes_;
  return done_.wait_for(lock, timeout,
                        [&] { return written_bytes_ >= target && !reopen_ && unreported_ == 0; });
}

bool LogTarget::close(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  work_.notify_one();
  if (done_.wait_for(lock, timeout, [&] { return ended_; })) return true;
  lose(linesIn(queue_));
  queue_.clear();  // a thread left behind must find nothing to do
  unreported_ = 0;
  reopen_ = false;
  return false;
}

std::uint64_t LogTarget::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void LogTarget::run() {
  blockSignals();
  std::unique_lock lock(mutex_);
  for (;;) {
    while (queue_.empty() && unreported_ == 0 && !reopen_ && !closing_) {
      idle_ = true;
      work_.wait(lock);
    }
    if (queue_.empty() && unreported_ == 0 && !reopen_) break;
    step(lock);
  }
  ended_ = true;
  done_.notify_all();
}

// Takes what is queued and writes it with the lock released.
void LogTarget::step(std::unique_lock<std::mutex>& lock) {
  std::swap(queue_, batch_);
  const std::uint64_t reached = pushed_bytes_;
  const std::uint64_t unreported = std::exchange(unreported_, 0);
  const bool reopening = std::exchange(reopen_, false);
  batch_time_ = last_time_;
  lock.unlock();
  // What came before the request to reopen may go to either file: it is queued in one piece with what came after.
  if (unreported > 0) say("log lines were lost, this output is too slow", {"lost", unreported});
  if (reopening) openAgain({});
  followDeletion();
  write();
  batch_.clear();
  lock.lock();
  written_bytes_ = reached;
  done_.notify_all();
}

// A line about this output goes to this output only, with the time of the last line: a thread left behind may use
// nothing of the host, so no clock either.
void LogTarget::say(std::string_view message, const Attribute& attribute) {
  appendLine(batch_, format_, {batch_time_, Level::kWarn, "log", {}, message, {}, std::span(&attribute, 1)});
}

void LogTarget::write() {
  if (batch_.empty()) return;
  const std::size_t written = destination_->write(batch_);
  if (written == batch_.size()) return;  // a full disk must not end the host
  const std::lock_guard lock(mutex_);
  lose(linesIn(std::string_view(batch_).substr(written)));
}

// The new one is there before the old is closed; without a new one the old stays.
void LogTarget::openAgain(std::string_view why) {
  auto opened = open_();
  if (!opened) {
    say("log file kept open, it cannot be opened again",
        {"reason", std::string_view(opened.error().message)});
    return;
  }
  destination_ = std::move(*opened);
  if (!why.empty()) say("log file opened again", {"reason", why});
}

void LogTarget::followDeletion() {
  if (batch_time_ - looked_at_ < kLookEvery) return;
  looked_at_ = batch_time_;
  if (destination_->unlinked()) openAgain("it had been deleted");
}

}  // namespace revenge::observe
