// The queues of all threads that log, one each. The queue of a thread that has ended is emptied by the reader and passes to
// the next thread that needs one, so memory follows the number of threads alive at once. Shared by its owner and every
// thread that holds a queue. Thread safety: push() from any thread; takeAll() and what it calls by one thread at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "observe/log_packing.hpp"
#include "observe/log_ring.hpp"

namespace revenge::observe {

class LogQueues : public std::enable_shared_from_this<LogQueues> {
 public:
  // Room for one thread; at least two of the largest records.
  explicit LogQueues(std::size_t bytes_a_thread);
  LogQueues(const LogQueues&) = delete;
  LogQueues& operator=(const LogQueues&) = delete;

  enum class Pushed : std::uint8_t { kQuietly, kPressing, kLost };
  // kPressing: a part of the queue has filled since the last time, so the reader had better come; kLost: full, counted.
  Pushed push(const LogRecord& record) noexcept;

  // Calls `take(record)` for what has been pushed, the oldest first as far as the threads' clocks tell, each thread's in
  // their order; leaves what comes in meanwhile to the next time when there is no end to it.
  template <typename Take>
  void takeAll(Take take) {
    gather();
    for (Queue* queue = oldest(); queue != nullptr; queue = oldest()) {
      take(queue->record);
      advance(*queue);
    }
    recycle();
  }

  bool empty() const;
  std::uint64_t lost() const;
  std::size_t queues() const;  // that exist, in use or not

 private:
  struct Queue {
    explicit Queue(std::size_t bytes) : ring(bytes) {}
    LogRing ring;
    std::size_t quiet_bytes = 0;         // of the writing side: since it was last pressing
    std::atomic<std::uint64_t> lost{0};  // the writing side's
    std::atomic<bool> ended{false};      // its thread has
    LogRecord record{};                  // of the reader: what it is at
    std::size_t left = 0;                // of the reader: bytes it still takes this time
    bool last = false;                   // of the reader: ended, and seen so before it looked for the rest
  };
  struct Mine {  // trivial, so that reading it costs no initialisation check
    std::uint64_t queues;
    Queue* queue;
    bool ended;
  };
  struct Visits;
  static constinit inline thread_local Mine mine{};

  Pushed pushInto(Queue& queue, const LogRecord& record) noexcept;
  Pushed pushFirst(const LogRecord& record);
  Queue& takeQueue();
  void gather();
  Queue* oldest();
  void advance(Queue& queue);
  void recycle();

  const std::uint64_t id_;  // never used twice, so a cached queue cannot be taken for one of others
  const std::size_t bytes_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Queue>> all_;  // guarded by mutex_; never shrinks
  std::vector<Queue*> free_;                 // guarded by mutex_
  Queue late_;                               // its writing side guarded by mutex_; of threads that are ending
  std::vector<Queue*> reading_;              // of the reader: those with something in them
  std::vector<Queue*> seen_;                 // of the reader: all
};

}  // namespace revenge::observe
