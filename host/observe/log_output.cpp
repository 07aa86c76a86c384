#include "observe/log_output.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/host_threads.hpp"
#include "observe/log_format.hpp"

namespace revenge::observe {

namespace {

using Sink = std::unique_ptr<spdlog::sinks::sink>;
using OpenSink = std::function<Sink()>;

// Batches of whole lines pass through as they are.
Sink asWritten(Sink sink) {
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
  return sink;
}

Sink openStderr() { return asWritten(std::make_unique<spdlog::sinks::stderr_sink_st>()); }
Sink openFile(const std::string& path) {
  return asWritten(std::make_unique<spdlog::sinks::basic_file_sink_st>(path));
}

// Signals belong to the threads that expect them; a vanished reader of stderr shows as a failed write, not as
// SIGPIPE.
void blockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void appendLine(std::string& out, LogFormat format, const LogRecord& record) {
  if (format == LogFormat::kJson)
    appendJson(out, record);
  else
    appendText(out, record);
  out += '\n';
}

}  // namespace

// One output with its queue: lines gather in one buffer while the writer writes the other.
class LogOutput::Target {
 public:
  Target(LogFormat format, std::size_t max_bytes, Counter lost_total, OpenSink open)
      : format_(format),
        max_bytes_(max_bytes),
        lost_total_(std::move(lost_total)),
        open_(std::move(open)),
        sink_(open_()) {}

  void push(base::WallTime time, std::string_view line) {
    {
      const std::lock_guard lock(mutex_);
      last_time_ = time;
      if (queue_.size() + line.size() > max_bytes_ || closing_) {
        ++unreported_;
        ++lost_;
        lost_total_.add();
        return;
      }
      queue_.append(line);
      ++pushed_lines_;
      if (!idle_) return;
      idle_ = false;
    }
    work_.notify_one();
  }

  void reopen() {
    {
      const std::lock_guard lock(mutex_);
      reopen_ = true;
      idle_ = false;
    }
    work_.notify_one();
  }

  bool flush(base::Duration timeout) {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = pushed_lines_;
    return done_.wait_for(lock, timeout,
                          [&] { return written_lines_ >= target && !reopen_ && unreported_ == 0; });
  }

  // True when the writer has ended; false leaves it behind in a write that does not return.
  bool close(base::Duration timeout) {
    std::unique_lock lock(mutex_);
    closing_ = true;
    work_.notify_one();
    if (done_.wait_for(lock, timeout, [&] { return ended_; })) return true;
    queue_.clear();  // a writer left behind must find nothing to do
    unreported_ = 0;
    reopen_ = false;
    return false;
  }

  std::uint64_t lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }

  // The writer's thread, until closed and empty.
  void run() {
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

 private:
  // Takes what is queued and writes it with the lock released.
  void step(std::unique_lock<std::mutex>& lock) {
    std::swap(queue_, batch_);
    const std::uint64_t reached = pushed_lines_;
    const std::uint64_t unreported = std::exchange(unreported_, 0);
    const bool reopening = std::exchange(reopen_, false);
    batch_time_ = last_time_;
    lock.unlock();
    if (unreported > 0) say("log lines were lost, this output is too slow", {"lost", unreported});
    if (reopening) reopenSink();
    write();
    batch_.clear();
    lock.lock();
    written_lines_ = reached;
    done_.notify_all();
  }

  // A line about this output goes to this output only, with the time of the last line: a writer left behind may use
  // nothing of the host, so no clock either. Called by the writer.
  void say(std::string_view message, const Attribute& attribute) {
    appendLine(batch_, format_,
               {batch_time_, Level::kWarn, "log", {}, message, {}, std::span(&attribute, 1)});
  }

  void write() {
    if (batch_.empty()) return;
    try {
      sink_->log({"", spdlog::level::info, spdlog::string_view_t(batch_.data(), batch_.size())});
      sink_->flush();
    } catch (const spdlog::spdlog_ex&) {  // a full disk must not end the host
      const auto lines = static_cast<std::uint64_t>(std::ranges::count(batch_, '\n'));
      lost_total_.add(static_cast<double>(lines));
      const std::lock_guard lock(mutex_);
      lost_ += lines;
    }
  }

  void reopenSink() {
    try {
      sink_ = open_();
    } catch (const spdlog::spdlog_ex& error) {
      say("log file kept open, it cannot be opened again", {"reason", std::string_view(error.what())});
    }
  }

  const LogFormat format_;
  const std::size_t max_bytes_;
  const Counter lost_total_;
  const OpenSink open_;
  Sink sink_;                    // of the writer
  base::WallTime batch_time_{};  // of the writer
  std::string batch_;            // of the writer

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::string queue_;  // these and the following: guarded by mutex_
  base::WallTime last_time_{};
  std::uint64_t pushed_lines_ = 0;
  std::uint64_t written_lines_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unreported_ = 0;
  bool reopen_ = false;
  bool idle_ = false;  // the writer waits and needs a notify
  bool closing_ = false;
  bool ended_ = false;
};

base::Result<std::unique_ptr<LogOutput>> LogOutput::open(Metrics& metrics, LogOutputOptions options) {
  auto scope = metrics.hostScope();
  auto lost = scope.counter({"revenge_log_lost_lines_total", "Lines that an output was too slow to take."});
  if (!lost) return std::unexpected(lost.error());
  std::unique_ptr<LogOutput> output(new LogOutput(std::move(scope), options));
  const auto start = [&](OpenSink open) {
    const auto target = std::make_shared<Target>(options.format, options.queue_bytes, *lost, std::move(open));
    output->targets_.push_back({target, std::thread([target] {
                                  const base::HostThread known;
                                  target->run();
                                })});
  };
  try {
    if (options.standard_error == LogStderr::kOn) start(openStderr);
    if (!options.file.empty()) start([path = options.file] { return openFile(path); });
  } catch (const spdlog::spdlog_ex& error) {
    return base::fail(base::Errc::kIo, "log file '{}': {}; name a file in a writable folder", options.file,
                      error.what());
  }
  return output;
}

LogOutput::LogOutput(MetricScope scope, const LogOutputOptions& options)
    : scope_(std::move(scope)), format_(options.format), close_timeout_(options.close_timeout) {}

LogOutput::~LogOutput() {
  for (Running& running : targets_) {
    if (running.target->close(close_timeout_))
      running.writer.join();
    else
      running.writer.detach();
  }
}

void LogOutput::write(const LogRecord& record) noexcept {
  std::string line;
  line.reserve(256);
  appendLine(line, format_, record);
  for (const Running& running : targets_) running.target->push(record.time, line);
}

void LogOutput::reopen() {
  for (const Running& running : targets_) running.target->reopen();
}

bool LogOutput::flush(base::Duration timeout) {
  return std::ranges::all_of(targets_,
                             [&](const Running& running) { return running.target->flush(timeout); });
}

std::uint64_t LogOutput::lost() const {
  std::uint64_t sum = 0;
  for (const Running& running : targets_) sum += running.target->lost();
  return sum;
}

}  // namespace revenge::observe
