// One output of the log behind a bounded queue: lines gather in one buffer while its thread writes the other, so an output
// that is slow or stuck holds up nobody, not even the other output. What does not fit is counted, and the count is written
// once there is room. Shared by the LogOutput and the thread, which is left behind when its output never returns. Thread
// safety: everything but run() may be called from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/log_destination.hpp"
#include "observe/log_format.hpp"

namespace revenge::observe {

class LogTarget {
 public:
  using Open = std::function<base::Result<std::unique_ptr<LogDestination>>()>;

  // `destination` is what `open` gave; a reopening asks it again.
  LogTarget(LogFormat format, std::size_t max_bytes, Counter lost_total, Open open,
            std::unique_ptr<LogDestination> destination);

  // Whole lines, all or as many as fit. `time` is that of the last of them.
  void push(base::WallTime time, std::string_view lines);
  void reopen();
  bool flush(base::Duration timeout);
  // True when the thread has ended; false leaves it behind in a write that does not return.
  bool close(base::Duration timeout);
  std::uint64_t lost() const;

  void run();  // the thread's, until closed and empty

 private:
  void lose(std::uint64_t lines);  // REQUIRES mutex_
  void step(std::unique_lock<std::mutex>& lock);
  void say(std::string_view message, const Attribute& attribute);
  void write();
  void openAgain(std::string_view why);
  void followDeletion();

  const LogFormat format_;
  const std::size_t max_bytes_;
  const Counter lost_total_;
  const Open open_;
  std::unique_ptr<LogDestination> destination_;  // this and the following: of the thread
  base::WallTime batch_time_{};
  base::WallTime looked_at_{};
  std::string batch_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::string queue_;  // this and the following: guarded by mutex_
  base::WallTime last_time_{};
  std::uint64_t pushed_bytes_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t unreported_ = 0;
  bool reopen_ = false;
  bool idle_ = false;  // the thread waits and needs a notify
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace revenge::observe
