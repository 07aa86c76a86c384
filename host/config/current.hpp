// The snapshot in force, read at the cost of one acquire load: each thread keeps the one it used last and compares one
// number. A thread that reads nothing keeps an old one until it does or ends. Thread safety: every function from any
// thread. Owned by app, outlives the rooms that read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "config/snapshot.hpp"

namespace revenge::config {

class Current {
 public:
  explicit Current(std::shared_ptr<const Snapshot> first);
  ~Current();
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

  // Good until the next read() of this thread, of this or of another Current.
  const Snapshot& read() const {
    if (mine.store == store_ && mine.revision == revision_.load(std::memory_order_acquire)) [[likely]]
      return *mine.snapshot;
    return refresh();
  }
  // For whoever keeps it longer: shared, because requests and draining instances keep the one they began with.
  std::shared_ptr<const Snapshot> keep() const;
  // Puts another one in force and gives back the one before.
  std::shared_ptr<const Snapshot> exchange(std::shared_ptr<const Snapshot> next);

 private:
  struct Mine {  // trivial, so that reading it costs no initialisation check
    std::uint64_t store;
    std::uint64_t revision;
    const Snapshot* snapshot;
  };
  static constinit inline thread_local Mine mine{};

  [[gnu::noinline, gnu::cold]] const Snapshot& refresh() const;

  const std::uint64_t store_;  // never used twice, so that what a thread keeps is not taken for another's
  std::atomic<std::uint64_t> revision_{1};
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by mutex_
};

}  // namespace revenge::config
