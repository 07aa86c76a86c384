// Rouser: one thread that rouses whoever has waited for a server for a while, so that each may see whether its time is over. A
// statement that is answered at once arms no timer for that: on a core that was idle a timer costs more than the statement
// (measured: 80 us beside 25 us on a virtual machine).
//
// Thread safety: run() on a thread of its own; close() from any; a Wait belongs to one thread at a time. It outlives its Waits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace database::postgresql {

class Rouser {
 public:
  // What one connection waits by.
  class Wait {
   public:
    explicit Wait(Rouser& rouser);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

    // False: nobody will rouse this one, it has to see to itself.
    bool begin();
    void end();
    // Can be read from when it was roused: two periods after begin() at the latest. May be late, for a wait before.
    int descriptor() const { return descriptor_; }
    void clear();

   private:
    friend class Rouser;
    void rouse() const;

    Rouser& rouser_;
    const int descriptor_;                 // an eventfd; -1: there are no more
    std::atomic<std::uint64_t> since_{0};  // twice the period it began in, and one while it waits
  };

  explicit Rouser(std::chrono::microseconds period = std::chrono::milliseconds(20)) : every_(period) {}
  Rouser(const Rouser&) = delete;
  Rouser& operator=(const Rouser&) = delete;

  // Returns after close(); then, as before it, nobody is roused.
  void run();
  void close();
  // No statement for a while: the next one wakes it.
  bool isAsleep() const { return sleeps_.load(std::memory_order_relaxed); }

 private:
  void look(std::uint64_t period);                   // REQUIRES mutex_
  bool isAnybodyWaiting(std::uint64_t since) const;  // REQUIRES mutex_

  const std::chrono::microseconds every_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Wait*> waits_;  // guarded by mutex_
  bool closed_ = false;       // guarded by mutex_
  std::atomic<bool> runs_ = false;
  std::atomic<bool> sleeps_ = false;
  std::atomic<std::uint64_t> period_ = 1;
};

}  // namespace database::postgresql
