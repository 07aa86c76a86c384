#include "observe/log_output.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <utility>

#include <pthread.h>

#include "base/host_threads.hpp"
#include "observe/log_destination.hpp"
#include "observe/log_target.hpp"

namespace revenge::observe {

namespace {

// Between two looks while lines come in: who logs then need not wake the writer, and a line is out after so long.
constexpr std::chrono::milliseconds kNap{2};
// Without a line for so many naps the writer sleeps until it is woken.
constexpr int kNapsBeforeSleep = 5;
constexpr std::chrono::seconds kLossEvery{1};
constexpr std::chrono::milliseconds kCountsEvery{100};
constexpr std::size_t kPassAt = std::size_t{64} << 10U;

}  // namespace

base::Result<std::unique_ptr<LogOutput>> LogOutput::open(const base::Clock& clock, Metrics& metrics,
                                                         LogOutputOptions options) {
  auto scope = metrics.hostScope();
  auto lost = scope.counter({"revenge_log_lost_lines_total",
                             "Lines that came faster than they, or their output, could be written."});
  if (!lost) return std::unexpected(lost.error());
  auto left_out =
      scope.counter({"revenge_log_left_out_lines_total", "Repeated lines that sampling left out."});
  if (!left_out) return std::unexpected(left_out.error());
  std::unique_ptr<LogOutput> output(new LogOutput(clock, std::move(scope), *lost, *left_out, options));
  const auto start = [&](LogTarget::Open again, std::unique_ptr<LogDestination> destination) {
    const auto target = std::make_shared<LogTarget>(options.format, options.queue_bytes, *lost,
                                                    std::move(again), std::move(destination));
    output->targets_.push_back({target, std::thread([target] {
                                  const base::HostThread known;
                                  target->run();
                                })});
  };
  if (options.standard_error == LogStderr::kOn) start([] { return standardErrorLog(); }, standardErrorLog());
  if (!options.file.empty()) {
    auto file = openLogFile(options.file);
    if (!file) return std::unexpected(file.error());
    start([path = options.file] { return openLogFile(path); }, std::move(*file));
  }
  output->thread_ = std::thread([self = output.get()] {
    const base::HostThread known;
    self->run();
  });
  return output;
}

LogOutput::LogOutput(const base::Clock& clock, MetricScope scope, Counter lost_total, Counter left_out_total,
                     const LogOutputOptions& options)
    : clock_(clock),
      scope_(std::move(scope)),
      lost_total_(std::move(lost_total)),
      left_out_total_(std::move(left_out_total)),
      format_(options.format),
      close_timeout_(options.close_timeout),
      queues_(std::make_shared<LogQueues>(options.thread_bytes)),
      redaction_(options.policy.redact),
      sampling_(options.policy.sample),
      sources_(options.policy.sources) {}

LogOutput::~LogOutput() {
  stop();
  takeAll();  // of threads that were between their queue and the word that the writer is gone
  for (Running& running : targets_) {
    if (running.target->close(close_timeout_))
      running.thread.join();
    else
      running.thread.detach();
  }
}

void LogOutput::write(const LogRecord& record) noexcept {
  const LogQueues::Pushed pushed = queues_->push(record);
  // Either the writer's last look before it sleeps or ends sees the record, or this sees that it does.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const Writer writer = writer_.load(std::memory_order_relaxed);
  if (writer == Writer::kAwake) [[likely]]
    return;
  const bool urgent = pushed != LogQueues::Pushed::kQuietly || record.level >= Level::kError;
  if (writer != Writer::kNapping || urgent) wake(writer);
}

void LogOutput::wake(Writer seen) {
  // One of those who log meanwhile does it for all.
  while (seen != Writer::kGone && seen != Writer::kAwake) {
    if (writer_.compare_exchange_weak(seen, Writer::kAwake)) break;
  }
  if (seen == Writer::kGone) return takeAll();
  if (seen == Writer::kAwake) return;
  {
    const std::lock_guard lock(mutex_);
    poked_ = true;
  }
  work_.notify_one();
}

void LogOutput::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "log");
  int naps = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    naps = queues_->empty() ? naps + 1 : 0;
    takeAll();
    lock.lock();
    if (naps < kNapsBeforeSleep) {
      writer_.store(Writer::kNapping);
      work_.wait_for(lock, kNap, [&] { return poked_ || stopping_; });
    } else if (rest(lock)) {
      naps = 0;
    }
    poked_ = false;
    writer_.store(Writer::kAwake);
  }
  writer_.store(Writer::kGone);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  lock.unlock();
  takeAll();
}

// Until somebody logs, or a count is to be told; whether it was somebody.
bool LogOutput::rest(std::unique_lock<std::mutex>& lock) {
  writer_.store(Writer::kAsleep);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!queues_->empty()) return true;
  const auto called = [&] { return poked_ || stopping_; };
  lock.unlock();
  const bool counts = hasCounts();
  lock.lock();
  if (counts) return work_.wait_for(lock, kCountsEvery, called);
  work_.wait(lock, called);
  return true;
}

bool LogOutput::hasCounts() {
  const std::lock_guard lock(draining_);
  return sampling_.leftAnythingOut() || queues_->lost() != loss_told_;
}

void LogOutput::takeAll() {
  const std::lock_guard lock(draining_);
  queues_->takeAll([this](const LogRecord& record) { take(record); });
  reportLoss();
  if (sampling_.leftAnythingOut()) reportLeftOut(clock_.wall());
  pass();
}

void LogOutput::take(LogRecord record) {
  if (sampling_.leftAnythingOut()) reportLeftOut(record.time);
  if (!sampling_.admits(record)) return left_out_total_.add();
  if (sources_ == LogSources::kLeftOut) record.source = {};
  redaction_.apply(record);
  put(record);
}

void LogOutput::put(const LogRecord& record) {
  for (LogTap* tap : taps_) tap->record(record);
  appendLine(lines_, format_, record);
  last_time_ = record.time;
  if (lines_.size() >= kPassAt) pass();
}

void LogOutput::pass() {
  if (lines_.empty()) return;
  for (const Running& running : targets_) running.target->push(last_time_, lines_);
  lines_.clear();
}

void LogOutput::reportLoss() {
  const std::uint64_t lost = queues_->lost();
  if (lost == loss_told_) return;
  const base::Instant now = clock_.now();
  if (loss_told_at_ && now - *loss_told_at_ < kLossEvery) return;
  const std::uint64_t fresh = lost - std::exchange(loss_told_, lost);
  loss_told_at_ = now;
  lost_total_.add(static_cast<double>(fresh));
  const Attribute attribute("lost", fresh);
  LogRecord record{};
  record.time = clock_.wall();
  record.level = Level::kWarn;
  record.component = "log";
  record.message = "log lines were lost, they came faster than they could be taken";
  record.attributes = std::span(&attribute, 1);
  put(record);
}

void LogOutput::reportLeftOut(base::WallTime now) {
  if (!sampling_.due(now)) return;
  sampling_.report(now, [this](const LogRecord& record) { put(record); });
}

void LogOutput::configure(const LogPolicy& policy) {
  const std::lock_guard lock(draining_);
  if (sampling_.leftAnythingOut())
    sampling_.report(clock_.wall(), [this](const LogRecord& record) { put(record); });
  redaction_ = LogRedaction(policy.redact);
  sampling_ = LogSampling(policy.sample);
  sources_ = policy.sources;
}

void LogOutput::attach(LogTap& tap) {
  const std::lock_guard lock(draining_);
  taps_.push_back(&tap);
}

void LogOutput::detach(LogTap& tap) {
  const std::lock_guard lock(draining_);
  std::erase(taps_, &tap);
}

void LogOutput::reopen() {
  for (const Running& running : targets_) running.target->reopen();
}

bool LogOutput::flush(base::Duration timeout) {
  takeAll();
  return std::ranges::all_of(targets_,
                             [&](const Running& running) { return running.target->flush(timeout); });
}

void LogOutput::stop() {
  std::call_once(stopped_, [this] {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
  });
}

std::uint64_t LogOutput::lost() const {
  std::uint64_t sum = queues_->lost();
  for (const Running& running : targets_) sum += running.target->lost();
  return sum;
}

}  // namespace revenge::observe
