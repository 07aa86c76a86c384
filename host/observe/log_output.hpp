// Where the host's lines go: standard error, a file, or both. Whoever logs only copies the record into a queue of its
// thread; one thread, the writer, takes the records from there, hides secrets, thins what repeats, tells the taps and
// formats them, and each output writes behind a queue of its own. So neither a slow pipe nor a slow disk ever blocks the
// thread that logs: what does not fit is counted and the count is written once there is room. app owns it, before the
// Log. Thread safety: everything may be called from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/log.hpp"
#include "observe/log_format.hpp"
#include "observe/log_queues.hpp"
#include "observe/log_redaction.hpp"
#include "observe/log_sampling.hpp"
#include "observe/log_tap.hpp"

namespace revenge::observe {

class LogTarget;

enum class LogStderr : std::uint8_t { kOff, kOn };
enum class LogSources : std::uint8_t { kLeftOut, kWritten };

// What may change while the host runs.
struct LogPolicy {
  std::vector<std::string> redact = {};  // names of keys whose values are secrets, see LogRedaction
  LogSampleRule sample = {};
  LogSources sources = LogSources::kWritten;
};

struct LogOutputOptions {
  LogFormat format = LogFormat::kText;
  LogStderr standard_error = LogStderr::kOn;
  std::string file = {};                               // empty: none; appended to
  std::size_t thread_bytes = std::size_t{512} << 10U;  // of each thread's queue; raise when bursts lose lines
  std::size_t queue_bytes = std::size_t{4} << 20U;     // of each output's; raise when the output has pauses
  base::Duration close_timeout = std::chrono::seconds(2);  // how long the end waits for a stuck output
  LogPolicy policy = {};
};

class LogOutput final : public LogSink {
 public:
  // Fails with kIo, naming the file, when it cannot be opened. `clock` and `metrics` outlive the LogOutput.
  static base::Result<std::unique_ptr<LogOutput>> open(const base::Clock& clock, Metrics& metrics,
                                                       LogOutputOptions options);
  ~LogOutput() override;  // stop(), then writes what is queued, for at most close_timeout an output

  void write(const LogRecord& record) noexcept override;

  void configure(const LogPolicy& policy);

  // No call of the tap is under way any more when detach() returns.
  void attach(LogTap& tap);
  void detach(LogTap& tap);

  // Opens the file again under its name, after logrotate moved it. Keeps the old one when that fails, and
  // says so.
  void reopen();

  // Waits until everything written before is out; false after `timeout` per output.
  bool flush(base::Duration timeout);

  // Ends the writer. Who logs from here on takes what is queued to the outputs itself.
  void stop();

  std::uint64_t lost() const;  // lines; also revenge_log_lost_lines_total

 private:
  struct Running {
    std::shared_ptr<LogTarget> target;
    std::thread thread;
  };
  // What the writer does at the moment, so that who logs knows whether it will come by itself.
  enum class Writer : std::uint8_t { kAwake, kNapping, kAsleep, kGone };

  LogOutput(const base::Clock& clock, MetricScope scope, Counter lost_total, Counter left_out_total,
            const LogOutputOptions& options);

  void run();
  bool rest(std::unique_lock<std::mutex>& lock);
  bool hasCounts();
  void wake(Writer seen);
  void takeAll();
  void take(LogRecord record);  // REQUIRES draining_; likewise below
  void put(const LogRecord& record);
  void pass();
  void reportLoss();
  void reportLeftOut(base::WallTime now);

  const base::Clock& clock_;
  MetricScope scope_;
  const Counter lost_total_;
  const Counter left_out_total_;
  const LogFormat format_;
  const base::Duration close_timeout_;
  std::vector<Running> targets_;  // fixed once open() returned
  const std::shared_ptr<LogQueues> queues_;
  std::atomic<Writer> writer_{Writer::kAwake};

  mutable std::mutex draining_;  // held by whoever takes records out of the queues; these: guarded by it
  LogRedaction redaction_;
  LogSampling sampling_;
  LogSources sources_;
  std::vector<LogTap*> taps_;
  std::string lines_;
  base::WallTime last_time_{};
  std::optional<base::Instant> loss_told_at_;
  std::uint64_t loss_told_ = 0;

  std::mutex mutex_;  // these: guarded by it
  std::condition_variable work_;
  bool poked_ = false;
  bool stopping_ = false;

  std::once_flag stopped_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace revenge::observe
