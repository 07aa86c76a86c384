// Foreign code that did not return in time: whose it is, what it does, and the stack it is at. Those who find it hand it over here
// and go on; a thread of its own takes the stack, finds the names and tells the book. It also has the second hand of whoever
// looks at how the plugins behave. app owns it, before all who report to it. Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "app/conduct_book.hpp"
#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/thread_stacks.hpp"
#include "runtime/stuck.hpp"

namespace revenge::app {

class Watchdog {
 public:
  Watchdog(const base::Clock& clock, observe::Log& log, ConductBook& book);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // `where` for people: "I/O thread {}" with its name, or "a worker".
  runtime::StuckReport reports(std::string where);

  // What is handed over is looked at while this lives; so is `each_second` called, on the same thread.
  class Watch {
   public:
    Watch(Watch&& other) noexcept : watchdog_(std::exchange(other.watchdog_, nullptr)) {}
    Watch& operator=(Watch&&) = delete;
    ~Watch();

   private:
    friend class Watchdog;
    explicit Watch(Watchdog& watchdog) : watchdog_(&watchdog) {}
    Watchdog* watchdog_;
  };
  base::Result<Watch> watch(std::function<void()> each_second);

 private:
  struct Found {
    runtime::Stuck stuck;
    std::string where;
  };
  void run(const std::function<void()>& each_second);
  void look(const Found& found);
  void end();

  const base::Clock& clock_;
  observe::Logger logger_;
  ConductBook& book_;
  std::optional<observe::ThreadStacks> stacks_;
  std::string no_stacks_;  // why there are none
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Found> found_;  // guarded by mutex_
  bool stop_ = false;        // guarded by mutex_
  std::thread thread_;
};

}  // namespace revenge::app
