// The log's records as lines of JSON for whoever tails them, each reader with a filter and a bounded queue of its own: a
// slow one misses lines, which are counted, and delays nobody. Thread safety: open() may be called from any thread, a
// reader is used by one thread at a time; record() is called by the log's writer. app owns it; it outlives its readers,
// and the LogOutput outlives it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "observe/log.hpp"
#include "observe/log_output.hpp"
#include "observe/log_tap.hpp"

namespace revenge::admin {

// Empty: any.
struct LogFilter {
  observe::Level level = observe::Level::kTrace;  // the least important one
  std::string plugin = {};
  std::string request = {};
  std::string trace = {};  // 32 hex digits
};

class LogFeed final : public observe::LogTap {
 public:
  struct Lines {
    std::vector<std::string> lines;  // one JSON object each, without an end
    std::uint64_t missed = 0;        // since the last call
  };

  // Destroying it ends what it gets; a wake that is on its way may still come.
  class Reader {
   public:
    ~Reader();
    // As many as there are, at most `max`. After fewer, `wake` runs once when there are more.
    Lines read(std::size_t max);

   private:
    friend class LogFeed;
    struct Queue;
    Reader(LogFeed& feed, std::shared_ptr<Queue> queue) : feed_(feed), queue_(std::move(queue)) {}
    LogFeed& feed_;
    const std::shared_ptr<Queue> queue_;  // shared with a record that is being passed to it
  };

  // Wakes run on `worker`, so that the log's writer waits for no reader.
  LogFeed(observe::LogOutput& output, std::shared_ptr<base::Executor> worker);
  ~LogFeed() override;
  LogFeed(const LogFeed&) = delete;
  LogFeed& operator=(const LogFeed&) = delete;

  std::unique_ptr<Reader> open(LogFilter filter, std::function<void()> wake);

  void record(const observe::LogRecord& record) noexcept override;

 private:
  observe::LogOutput& output_;
  const std::shared_ptr<base::Executor> worker_;  // shared with the lane
  std::atomic<std::size_t> readers_{0};           // without any, a record costs one load
  std::mutex mutex_;
  std::vector<std::shared_ptr<Reader::Queue>> queues_;  // guarded by mutex_
};

}  // namespace revenge::admin
