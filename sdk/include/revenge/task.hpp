// Task: a lazy coroutine. `co_await` it from another Task, return it from a route's handler, or `run` it.
//
// A Task runs on the thread that starts it until its first co_await that waits; then on the host threads that
// complete what it waits for, always entered into the instance, never two at once. What still waits when the
// instance is destroyed is destroyed before the plugin object, locals innermost first.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>

#include <revenge/host.hpp>

namespace revenge {

template <class T = void>
class Task;

namespace detail {

struct TaskPromiseBase {
  struct Resume {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Resume final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  std::coroutine_handle<> continuation;
  std::exception_ptr exception;
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  Task<T> get_return_object();
  template <class Value>
  void return_value(Value&& given) {
    value.emplace(std::forward<Value>(given));
  }
  T take() { return std::move(*value); }

  std::optional<T> value;
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Frame = std::coroutine_handle<promise_type>;

  explicit Task(Frame frame) : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Starts it and resumes the awaiting coroutine at its end, with its value or exception.
  auto operator co_await() && noexcept {
    struct Awaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        frame.promise().continuation = awaiting;
        return frame;
      }
      T await_resume() const {
        if (frame.promise().exception) std::rethrow_exception(frame.promise().exception);
        return frame.promise().take();
      }
      Frame frame;
    };
    return Awaiter{frame_};
  }

 private:
  Frame frame_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// The outermost frame of a running task: a member of the host's scope, which ends with its last line.
struct RunningTask : Scope::Member {
  struct promise_type {
    struct End {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
        RunningTask& task = *ended.promise().running;
        task.host->coroutines().end(task);
      }
      void await_resume() const noexcept {}
    };
    std::coroutine_handle<promise_type> get_return_object() {
      return std::coroutine_handle<promise_type>::from_promise(*this);
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    End final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {
      running->host->contained("a coroutine", [] { throw; });
    }

    RunningTask* running = nullptr;
  };

  explicit RunningTask(Host& owner) : host(&owner) {}
  ~RunningTask() override {
    if (frame) frame.destroy();
  }

  Host* host;
  std::coroutine_handle<promise_type> frame;
};

struct RunningFrame {
  using promise_type = RunningTask::promise_type;
  RunningFrame(std::coroutine_handle<promise_type> made) : handle(made) {}
  std::coroutine_handle<promise_type> handle;
};
inline RunningFrame drive(Task<void> task) { co_await std::move(task); }

}  // namespace detail

// Starts a task on this thread and lets it go; the host's scope keeps it. An exception that leaves it is
// logged.
inline void run(Host& host, Task<void> task) {
  auto& running = host.coroutines().adopt(std::make_unique<detail::RunningTask>(host));
  running.frame = detail::drive(std::move(task)).handle;
  running.frame.promise().running = &running;
  running.frame.resume();
}

}  // namespace revenge
