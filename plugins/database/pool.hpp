// The pool of connections: most so many at once, first come first served, the freshest connection first. A borrower waits
// on its own thread until its deadline; connections are opened elsewhere and go to whoever waits longest, so that none
// that was begun for somebody who left is wasted.
//
// A slot counts from the beginning of its connect until its connection is closed: the server never sees more. A failed
// connect is remembered: until the next probe (100 ms, doubling to 5 s) whoever would need a new connection is told at
// once; connections that are open serve on. Thread safety: all functions from any thread. Nothing calls out with the
// lock held.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "time.hpp"

namespace database {

struct PoolOptions {
  std::string name;                               // in messages, such as "readers"
  std::size_t max = 4;                            // connections
  std::size_t min = 2;                            // kept open also when nobody asks
  Duration lifetime = std::chrono::hours(1);      // less up to a tenth: not all at once
  Duration idle = std::chrono::minutes(30);       // unused for so long it is closed, above `min`
  Duration ping_after = std::chrono::seconds(1);  // unused for so long it is asked before it is given away
  Duration ping_limit = std::chrono::seconds(1);
  Duration connect_limit = std::chrono::seconds(5);
  Duration leak_after = std::chrono::seconds(30);  // borrowed for so long it is told, with who did
  Duration first_backoff = std::chrono::milliseconds(100);
  Duration longest_backoff = std::chrono::seconds(5);
};

struct PoolStats {
  std::size_t open = 0;  // connecting and closing ones too
  std::size_t idle = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::uint64_t acquired = 0;
  std::uint64_t waited = 0;     // of those, had to wait
  std::uint64_t timed_out = 0;  // got none
  std::uint64_t opened = 0;
  std::uint64_t failed = 0;  // connects
  std::uint64_t closed_broken = 0;
  std::uint64_t closed_lifetime = 0;
  std::uint64_t closed_idle = 0;
  Duration waited_for{};  // by all who got one
};

struct PoolParts {
  Time& time;
  std::function<Result<std::unique_ptr<Connection>>(const Limit&)>
      connect;                                           // blocks; on a thread of `elsewhere`
  std::function<bool(std::function<void()>)> elsewhere;  // false: it does not run any more
  std::function<void(std::string_view borrower, Duration age)> leaked;
  std::uint64_t seed = 0;  // of the jitter
};

class Pool {
  struct Slot;

 public:
  // A connection in somebody's hands; goes back at its end. Movable; one thread at a time.
  class Lent {
   public:
    Lent() = default;
    Lent(Lent&& other) noexcept : pool_(other.pool_), slot_(std::move(other.slot_)) {}
    Lent& operator=(Lent&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Lent() {
      if (slot_) pool_->giveBack(std::move(slot_));
    }
    explicit operator bool() const { return slot_ != nullptr; }
    Connection* operator->() const;
    Connection& operator*() const { return *operator->(); }

   private:
    friend class Pool;
    Lent(Pool& pool, std::unique_ptr<Slot> slot) : pool_(&pool), slot_(std::move(slot)) {}

    Pool* pool_ = nullptr;
    std::unique_ptr<Slot> slot_;
  };

  Pool(PoolOptions options, PoolParts parts);
  ~Pool();  // Requires: close(), and all connections given back
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // kLimit: none became free in time, with how many are busy and who holds the oldest; kUnavailable: no connection can be
  // made, with why; kGone: the pool is closed; kCancelled. `borrower` is kept for as long.
  Result<Lent> acquire(const Limit& limit, std::string_view borrower);

  // What is due: too old, too long idle, too few, leaks. Called about every 30 s, and earlier where wantsTending().
  void tend();
  // The server went away, or became another one: what is idle is asked before it is given away.
  void suspectIdle();
  // A connection was made elsewhere: what failed before may be tried again at once.
  void expectSuccess();
  // No connection is given away any more, idle ones are closed.
  void close();
  // All connections have come back and are closed. False: not until `until`.
  bool awaitEmpty(Instant until);

  PoolStats stats() const;
  // Why the last connect failed; empty: it did not.
  std::string trouble() const;
  // Who has held a connection longest, and how long.
  std::string oldestHolder() const;

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    Instant expires;
    Instant used;
    Instant lent;
    std::string borrower;
    bool told = false;                    // of the leak
    std::list<Slot*>::iterator position;  // in lent_
  };
  struct Waiter {
    std::condition_variable changed;
    std::unique_ptr<Slot> given;
    std::optional<revenge::Error> refused;
  };
  enum class Verdict { kGood, kExpired, kBroken };

  void giveBack(std::unique_ptr<Slot> slot);
  Verdict judge(Slot& slot);
  void discard(std::unique_ptr<Slot> slot, Verdict why);
  void connectElsewhere();
  void connected(Result<std::unique_ptr<Connection>> made);
  void handOut(std::unique_ptr<Slot> slot, std::unique_lock<std::mutex>& lock);
  Lent lend(std::unique_ptr<Slot> slot, std::string_view borrower);
  bool mayConnect() const;
  revenge::Error exhausted() const;
  std::string holder() const;

  const PoolOptions options_;
  const PoolParts parts_;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  std::vector<std::unique_ptr<Slot>> idle_;  // the last one is the freshest
  std::list<Waiter*> waiters_;               // the first one came first
  std::list<Slot*> lent_;                    // the first one longest ago
  std::size_t open_ = 0;
  std::size_t connecting_ = 0;
  bool closed_ = false;
  Instant suspect_since_{};  // idle ones not used since are asked first
  Instant next_probe_{};
  Duration backoff_{};
  std::optional<revenge::Error> trouble_;
  std::minstd_rand random_;
  double spread_;  // of the lifetimes, from 0 to 1
  PoolStats stats_;
};

}  // namespace database
