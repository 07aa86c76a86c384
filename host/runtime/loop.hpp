// One Asio loop and the tasks handed to it; the part of Reactor that knows Asio. Internal to this room. Thread safety:
// submit(), away(), takeOver(), beginStop() from any thread; deferFlush() from the owner; run() is a thread's life.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/current_plugin.hpp"
#include "base/executor.hpp"

namespace revenge::runtime {

class Loop final : public base::Executor {
 public:
  explicit Loop(std::size_t index);

  std::size_t index() const { return index_; }
  boost::asio::io_context& context() { return context_; }
  base::Submitted submit(base::Task&& task) override;
  void deferFlush(base::Task&& task);

  // Runs the loop until it is stopped or lost to another thread; true: lost. `number` names the thread, never reused.
  bool run(std::uint32_t number);

  // The excursion under way, if any. Two equal words are the same excursion.
  struct Away {
    std::uint64_t word;
    base::PluginMark plugin;
  };
  std::optional<Away> away() const;
  // True: the thread on that excursion has lost the loop to `number`. False: it was back first.
  bool takeOver(std::uint64_t word, std::uint32_t number);
  std::uint32_t owner() const;
  static constexpr std::uint32_t kNobody = 0xffff'ffff;

  void beginStop();       // takes no more tasks; a handler that is running finishes, no other begins
  void destroyPending();  // Requires: nobody runs the loop

  struct Counts {
    std::uint64_t posted = 0;
    std::uint64_t wakeups = 0;
  };
  Counts counts() const;

  // The calling thread's view, for Reactor and Excursion.
  static Loop* ofThisThread();  // null: not an I/O thread
  static bool ownedByThisThread();
  static void beginExcursion(base::PluginMark plugin);
  static bool endExcursion();

 private:
  // Destroys pending handlers before the destructor: a thread given up keeps the context alive, but must not be the one
  // that destroys what others put there.
  class Context : public boost::asio::io_context {
   public:
    using boost::asio::io_context::execution_context::shutdown;
  };

  // Tasks run in order by whoever owns the loop; one that costs the loop leaves the rest to the next owner.
  class TaskList {
   public:
    bool empty() const { return next_ == tasks_.size(); }
    void add(base::Task&& task) { tasks_.push_back(std::move(task)); }
    base::Task take();
    void swap(TaskList& other) noexcept;

   private:
    std::vector<base::Task> tasks_;
    std::size_t next_ = 0;
  };

  void drain();
  void flush();
  void runTasks(TaskList& tasks);

  const std::size_t index_;
  Context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::atomic<bool> stopping_{false};

  mutable std::mutex mutex_;  // guards inbox_ to counts_
  TaskList inbox_;
  bool closed_ = false;
  bool drainPosted_ = false;
  Counts counts_;

  // Touched by the owner only.
  TaskList ready_;
  TaskList afterRound_;
  TaskList flushing_;
  bool flushPosted_ = false;

  // Who runs the loop: thread number, count of its excursions, and whether it is away on one. While away only a
  // takeover and the return may write, and exactly one of them succeeds; otherwise only the owner writes.
  std::atomic<std::uint64_t> ownership_{0};
  std::atomic<base::PluginMark> awayWith_{base::PluginMark::kHost};
};

}  // namespace revenge::runtime
