#include "service/thread_cells.hpp"

#include <algorithm>

namespace revenge::service {

constinit thread_local ThreadCells::Last ThreadCells::last_{nullptr, nullptr};

namespace {

// Set when the thread's attachments are destroyed. A thread_local destructor that runs after that and still
// calls gets a block that nobody takes over.
constinit thread_local bool thread_ends = false;

}  // namespace

// The blocks this thread carries, one for each domain it was seen by.
class ThreadCells::Attachments {
 public:
  ~Attachments() {
    thread_ends = true;
    last_ = {nullptr, nullptr};
    for (const auto& [cells, block] : carried_) cells->giveBack(block);
  }

  ThreadBlock* find(ThreadCells& cells) {
    // A domain that only threads still hold is over.
    std::erase_if(carried_, [](const auto& each) { return each.first.use_count() == 1; });
    const auto at = std::ranges::find(carried_, &cells, [](const auto& each) { return each.first.get(); });
    if (at != carried_.end()) return at->second;
    carried_.emplace_back(cells.shared_from_this(), cells.borrow());
    return carried_.back().second;
  }

 private:
  std::vector<std::pair<std::shared_ptr<ThreadCells>, ThreadBlock*>> carried_;
};

ThreadBlock& ThreadCells::attach() {
  if (thread_ends) {
    last_ = {this, borrow()};
  } else {
    static thread_local Attachments attachments;
    last_ = {this, attachments.find(*this)};
  }
  return *last_.block;
}

ThreadBlock* ThreadCells::borrow() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) {
    blocks_.push_back(std::make_unique<ThreadBlock>());
    return blocks_.back().get();
  }
  ThreadBlock* block = idle_.back();
  idle_.pop_back();
  return block;
}

void ThreadCells::giveBack(ThreadBlock* block) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(block);
}

std::size_t ThreadCells::blocks() {
  const std::scoped_lock lock(mutex_);
  return blocks_.size();
}

}  // namespace revenge::service
