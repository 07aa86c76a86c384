// Where the host's lines go: standard error, a file, or both, each written by a thread of its own behind
// a bounded queue. A slow pipe or disk therefore never blocks the thread that logs: what does not fit is
// counted and the count is written once there is room. app owns it, before the Log. Thread safety: everything
// may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/log.hpp"

namespace revenge::observe {

enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogStderr : std::uint8_t { kOff, kOn };

struct LogOutputOptions {
  LogFormat format = LogFormat::kText;
  LogStderr standard_error = LogStderr::kOn;
  std::string file = {};                                   // empty: none; appended to
  std::size_t queue_bytes = std::size_t{1} << 20U;         // raise when lines are lost at bursts
  base::Duration close_timeout = std::chrono::seconds(2);  // how long the end waits for a stuck output
};

class LogOutput final : public LogSink {
 public:
  // Fails with kIo, naming the file, when it cannot be opened.
  static base::Result<std::unique_ptr<LogOutput>> open(Metrics& metrics, LogOutputOptions options);
  ~LogOutput() override;  // writes what is queued, for at most close_timeout

  void write(const LogRecord& record) noexcept override;

  // Opens the file again under its name, after logrotate moved it. Keeps the old one when that fails, and
  // says so.
  void reopen();

  // Waits until everything written before is out; false after `timeout` per output.
  bool flush(base::Duration timeout);

  std::uint64_t lost() const;  // lines; also revenge_log_lost_lines_total

 private:
  class Target;
  struct Running {
    std::shared_ptr<Target>
        target;  // shared with the writer, which is left behind when its output never returns
    std::thread writer;
  };

  LogOutput(MetricScope scope, const LogOutputOptions& options);

  MetricScope scope_;
  const LogFormat format_;
  const base::Duration close_timeout_;
  std::vector<Running> targets_;  // fixed once open() returned
};

}  // namespace revenge::observe
