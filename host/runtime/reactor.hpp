// The I/O threads: one Asio loop each. A loop is run by one thread at a time, so its handlers need no lock; handlers
// never block. Foreign code on an I/O thread runs inside an Excursion: when it does not return in time, a substitute
// thread takes the loop over and only the connection being served stalls. Thread safety: every function may be called
// from any thread unless it says otherwise. App owns the Reactor; everything that uses its contexts is destroyed before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/executor.hpp"
#include "base/scheduler.hpp"
#include "runtime/stuck.hpp"

namespace boost::asio {
class io_context;
}

namespace revenge::runtime {

struct ReactorOptions {
  unsigned threads = 0;                                 // 0: one for each core
  base::Duration stuckAfter = std::chrono::seconds(1);  // an excursion that lasts so long loses its loop
  unsigned maxSubstitutes = 0;  // substitute threads alive at once; 0: as many as threads
  StuckReport onStuck = nullptr;
};

struct ReactorStats {
  std::uint64_t posted = 0;   // tasks handed over by post()
  std::uint64_t wakeups = 0;  // of those, how many had to wake their loop; the others rode along
  std::uint64_t takeovers = 0;
  unsigned substitutes = 0;  // stuck threads that have not come back
};

class Reactor {
 public:
  Reactor(ReactorOptions options, base::Scheduler& scheduler);
  ~Reactor();  // stop() with 5 s
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  std::size_t size() const;
  boost::asio::io_context& context(std::size_t loop);
  std::size_t next();  // round robin over the loops

  // Runs `task` on that loop; tasks posted before the loop gets to them share one wake-up. False, and the task
  // untouched, once the reactor is stopping. A task that was taken but not reached by stop() is destroyed by it.
  bool post(std::size_t loop, base::Task&& task);
  std::shared_ptr<base::Executor> executor(std::size_t loop);

  // Runs `task` once on that loop after everything that became ready with the current handler has been handled:
  // collect during a round, push once. From a thread that does not own the loop just now it is post().
  bool deferFlush(std::size_t loop, base::Task&& task);

  // A callback that blocks its loop so long is reported, and another thread takes the loop over.
  void stuckAfter(base::Duration limit);

  static bool isIoThread();          // a thread of any Reactor, also one that lost its loop
  static bool ownsLoop();            // this thread may touch what belongs to its loop
  static std::size_t currentLoop();  // Requires: isIoThread()

  // Nothing more runs after this; returns foreign code that did not come back within `patience`. Its thread is given
  // up and leaves by itself if it ever returns. Requires: not on an I/O thread.
  std::vector<Stuck> stop(base::Duration patience);

  ReactorStats stats() const;

  class Excursion;

 private:
  struct Core;
  std::shared_ptr<Core> core_;  // shared with threads that may have to be given up
};

// A stretch of foreign code on an I/O thread; also sets the plugin marker. On other threads it only sets the marker.
// Inside it, and after end() answered false, the code must not touch anything that belongs to the loop (sockets,
// connections, per-loop buffers): another thread may own them by then. Excursions nest; the outermost counts.
class Reactor::Excursion {
 public:
  explicit Excursion(base::PluginMark plugin);
  ~Excursion();
  Excursion(const Excursion&) = delete;
  Excursion& operator=(const Excursion&) = delete;

  // True: back, and the loop is still this thread's. False: it was taken over; post() what is left to do and return.
  [[nodiscard]] bool end();

 private:
  std::optional<base::PluginScope> scope_;
};

}  // namespace revenge::runtime
