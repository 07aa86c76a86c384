// Notices: tells listeners what happened in a policy. A policy posts under its own lock, which fixes the order, and delivers
// after it has let go of it. One thread delivers at a time and takes along what others post meanwhile, so every listener sees
// all events in order. A listener may call back into the policy (its events are delivered after the one at hand), and what it
// throws is swallowed and counted. Thread safety: all functions, any thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace revenge::resilience {

template <typename Event>
class Notices {
 public:
  using Listener = std::function<void(const Event&)>;

 private:
  struct Entry {
    std::uint64_t id = 0;
    Listener listener;
  };

  struct Board {
    std::mutex mutex;
    std::condition_variable idle;
    std::deque<Event> posted;
    // shared: whoever delivers keeps the list it began with while others change it.
    std::vector<std::shared_ptr<const Entry>> entries;
    std::uint64_t next_id = 1;
    std::uint64_t calling = 0;  // id of the listener that runs now, 0: none
    std::thread::id delivering;
    std::uint64_t swallowed = 0;
    std::uint64_t lost = 0;

    void remove(std::uint64_t id) {
      std::unique_lock lock(mutex);
      std::erase_if(entries, [&](const auto& entry) { return entry->id == id; });
      if (delivering == std::this_thread::get_id()) return;
      idle.wait(lock, [&] { return calling != id; });
    }
  };

 public:
  // Listens as long as it lives; may outlive the policy. Once it is gone the listener does not run any more, nor ever
  // again: its end waits for a call in progress, except inside of a listener.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&& other) noexcept : board_(std::move(other.board_)), id_(other.id_) {}
    Subscription& operator=(Subscription&& other) noexcept {
      if (this == &other) return *this;
      end();
      board_ = std::move(other.board_);
      id_ = other.id_;
      return *this;
    }
    ~Subscription() { end(); }

    void end() {
      if (board_) std::exchange(board_, nullptr)->remove(id_);
    }

   private:
    friend class Notices;
    Subscription(std::shared_ptr<Board> board, std::uint64_t id) : board_(std::move(board)), id_(id) {}
    std::shared_ptr<Board> board_;
    std::uint64_t id_ = 0;
  };

  [[nodiscard]] Subscription listen(Listener listener) {
    const std::lock_guard lock(board_->mutex);
    const std::uint64_t id = board_->next_id++;
    board_->entries.push_back(std::make_shared<const Entry>(Entry{id, std::move(listener)}));
    return Subscription(board_, id);
  }

  // To be followed by deliver() once the caller holds no lock.
  void post(const Event& event) noexcept {
    const std::lock_guard lock(board_->mutex);
    if (board_->entries.empty()) return;
    try {
      board_->posted.push_back(event);
    } catch (...) {
      ++board_->lost;
    }
  }

  // Requires: the caller holds no lock that a listener could want.
  void deliver() noexcept {
    const std::shared_ptr<Board> board = board_;  // a listener may end the policy
    std::unique_lock lock(board->mutex);
    if (board->delivering != std::thread::id{}) return;
    board->delivering = std::this_thread::get_id();
    while (!board->posted.empty()) {
      const Event event = std::move(board->posted.front());
      board->posted.pop_front();
      tell(*board, event, lock);
    }
    board->delivering = {};
  }

  // Exceptions of listeners.
  std::uint64_t swallowed() const noexcept {
    const std::lock_guard lock(board_->mutex);
    return board_->swallowed;
  }
  // Events for which there was no memory.
  std::uint64_t lost() const noexcept {
    const std::lock_guard lock(board_->mutex);
    return board_->lost;
  }

 private:
  static void tell(Board& board, const Event& event, std::unique_lock<std::mutex>& lock) noexcept {
    std::uint64_t told = 0;  // ids only grow: listeners may come and go while one runs
    while (true) {
      const auto next =
          std::ranges::find_if(board.entries, [&](const auto& entry) { return entry->id > told; });
      if (next == board.entries.end()) return;
      std::shared_ptr<const Entry> entry = *next;
      told = entry->id;
      board.calling = told;
      lock.unlock();
      bool thrown = false;
      try {
        entry->listener(event);
      } catch (...) {
        thrown = true;
      }
      entry.reset();
      lock.lock();
      board.calling = 0;
      if (thrown) ++board.swallowed;
      board.idle.notify_all();
    }
  }

  // shared: with subscriptions, which may outlive the policy.
  std::shared_ptr<Board> board_ = std::make_shared<Board>();
};

}  // namespace revenge::resilience
