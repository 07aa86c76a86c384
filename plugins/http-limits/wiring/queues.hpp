// Queues: a Codel for each queue that requests wait in. A plugin's workers are its own, so what waits for those of one says
// nothing of another's. Thread safety: any thread; a queue that is known costs one atomic read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "limits/codel.hpp"

namespace revenge::http_limits {

class Queues {
 public:
  explicit Queues(const CodelOptions& options) : options_(options) {}
  Queues(const Queues&) = delete;
  Queues& operator=(const Queues&) = delete;

  // Lives as long as this. Beyond kMost, queues share one.
  Codel& of(std::uint64_t queue, Instant now);
  void use(const CodelOptions& options);

  struct Level {
    std::uint64_t queue = 0;
    int level = 0;
  };
  std::vector<Level> levels() const;
  int highest() const;
  // A queue met from now on begins at the level it has here.
  void resume(const std::vector<Level>& levels);
  // No request comes: nobody waits.
  void rest(Instant now);

 private:
  static constexpr std::size_t kMost = 64;
  struct Queue {
    Queue(std::uint64_t its_number, const CodelOptions& options) : number(its_number), codel(options) {}
    const std::uint64_t number;
    Codel codel;
  };

  Codel& meet(std::uint64_t queue, Instant now);

  std::array<std::atomic<Queue*>, kMost> places_{};  // filled from the first on, never emptied
  mutable std::mutex mutex_;                         // below
  CodelOptions options_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::map<std::uint64_t, int> resumed_;
};

}  // namespace revenge::http_limits
