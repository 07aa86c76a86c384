// Block writers that keep their memory from one result to the next. A few are kept here, where one for each thread would
// be a thread-local with a destructor, which no plugin may have. Thread safety: any thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "block.hpp"

namespace database {

class Writers {
 public:
  struct GiveBack {
    void operator()(BlockWriter* writer) const { writers->giveBack(std::unique_ptr<BlockWriter>(writer)); }
    Writers* writers = nullptr;
  };
  using Lent = std::unique_ptr<BlockWriter, GiveBack>;

  Lent lend() {
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) return Lent(new BlockWriter, {this});
    Lent lent(spare_.back().release(), {this});
    spare_.pop_back();
    return lent;
  }

 private:
  void giveBack(std::unique_ptr<BlockWriter> writer) {
    const std::lock_guard lock(mutex_);
    if (spare_.size() < kSpare) spare_.push_back(std::move(writer));
  }

  static constexpr std::size_t kSpare = 32;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BlockWriter>> spare_;
};

}  // namespace database
