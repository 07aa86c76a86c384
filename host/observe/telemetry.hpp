// What the host tells of itself, for those who send it on: finished spans and log records in bounded queues, one pair a
// feed, and the metrics when asked for. A thread of its own empties the rings of Spans and ends waits; it begins with the
// first feed. app owns it; it outlives its feeds. Thread safety: everything from any thread.
//
// Feeds of one plugin are of versions of it: what arrives goes to the youngest, which also inherits what an older one left.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "observe/spans.hpp"
#include "observe/told_record.hpp"

namespace revenge::observe {

struct Signals {
  bool spans = false;
  bool logs = false;
  bool metrics = false;
};

class Telemetry {
 public:
  static constexpr std::size_t kQueue = 2048;  // of each kind, a feed that wants no other
  static constexpr std::size_t kMaxQueue = 65536;
  static constexpr std::size_t kFeeds =
      3;  // of a plugin: while it is being replaced, and its predecessor drains

  enum class Waited : std::uint8_t { kThere, kDeadline, kWoken };
  struct Wait {
    std::size_t spans = 0;  // so many; 0: not for them
    std::size_t logs = 0;
    base::Instant deadline = base::Instant::max();
  };
  using Done = std::function<void(Waited)>;

  class Feed;
  struct SpanBatch {
    std::vector<SpanRecord> spans;
    std::uint64_t lost = 0;
    base::Duration to_wall{};  // added to an Instant of a record: since 1970
  };
  struct LogBatch {
    std::vector<ToldRecord> records;
    std::uint64_t lost = 0;
  };

  Telemetry(std::shared_ptr<Spans> spans, const base::Clock& clock);
  ~Telemetry();  // every feed is closed
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // Null: the plugin has kFeeds already.
  std::shared_ptr<Feed> open(const std::string& plugin, Signals signals, std::size_t queue = kQueue);
  void close(const std::shared_ptr<Feed>& feed);  // a wait ends as woken
  void leave(const std::shared_ptr<Feed>& feed);  // its wait, and each to come, ends as woken

  // kThere: at once, and `done` is not called; kPending: it is, once, on the thread of this; kBusy: another wait is on.
  enum class Begun : std::uint8_t { kThere, kWoken, kPending, kBusy };
  Begun wait(const std::shared_ptr<Feed>& feed, Wait what, Done done);
  void wake(const std::shared_ptr<Feed>& feed);

  struct Pending {
    std::size_t spans = 0;
    std::size_t logs = 0;
  };
  Pending pending(const Feed& feed);
  void takeSpans(Feed& feed, std::size_t max, SpanBatch& batch);
  void takeLogs(Feed& feed, std::size_t max, LogBatch& batch);

  bool wantsLogs() const { return wants_logs_.load(std::memory_order_relaxed); }
  void told(const ToldRecord& record);  // does not log

  // What the thread does again and again: empties the rings, ends waits. When it wants to be called next at the latest.
  base::Instant step();
  void start();  // the thread, unless it runs

 private:
  struct Ended {
    Done done;
    Waited how;
  };
  Feed* youngest(const std::string& plugin) const;  // REQUIRES mutex_
  bool isYoungest(const Feed& feed) const;          // REQUIRES mutex_
  void settle(std::vector<Ended>& ended);           // REQUIRES mutex_
  void updateWanted();                              // REQUIRES mutex_
  void run();
  void poke();

  const std::shared_ptr<Spans> spans_;
  const base::Clock& clock_;
  std::mutex collecting_;  // one at a time, before mutex_
  std::mutex mutex_;
  std::vector<std::shared_ptr<Feed>> feeds_;  // guarded by mutex_; oldest first
  std::uint64_t seen_lost_ = 0;               // guarded by mutex_
  std::atomic<bool> wants_logs_{false};

  std::mutex thread_mutex_;
  std::condition_variable poked_;
  bool poke_ = false;   // guarded by thread_mutex_
  bool stop_ = false;   // guarded by thread_mutex_
  std::thread thread_;  // guarded by thread_mutex_ until it runs
};

}  // namespace revenge::observe
