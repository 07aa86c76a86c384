// Waiting: a call that may take time, not yet made. `co_await` it in a Task, or `.wait()` for it.
//
// `.wait()` blocks the thread and is refused with kBusy on I/O threads and in lifecycle calls; `co_await`
// resumes on a host thread that has entered the instance. Either way the answer is a Result. Use it where it
// is made: the arguments of the call that made it are borrowed.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <mutex>
#include <optional>

#include <revenge/host.hpp>

namespace revenge {

// Start: (revenge_view& result, const revenge_completion&, revenge_error&) -> revenge_status; touches nothing
// of its own after the host has the completion. Finish: (revenge_status, revenge_view) -> Result<T>; runs
// while the view is valid, and for no failure. One with a function failed(revenge_view) is shown what came with a failure.
template <class Start, class Finish>
class [[nodiscard]] Waiting {
 public:
  using Value = std::invoke_result_t<Finish&, revenge_status, revenge_view>;

  Waiting(const Host& host, Start start, Finish finish)
      : host_(&host), start_(std::move(start)), finish_(std::move(finish)) {}

  Value wait() && {
    const revenge_calls* calls = host_->callTable();
    if (calls != nullptr && !calls->may_block(host_->raw()))
      return fail(Errc::kBusy, "this thread must not block; use co_await, or a worker");
    Blocked blocked{.waiting = this};
    if (begin(blocked, &Blocked::complete)) blocked.await();
    return std::move(*value_);
  }

  auto operator co_await() && { return Suspended{this, {}}; }

 private:
  // Its completer holds the lock while it notifies: the frame of wait() cannot go away beneath it.
  struct Blocked {
    static void complete(void* context, revenge_status status, revenge_view result,
                         const revenge_error* error) {
      auto* self = static_cast<Blocked*>(context);
      const std::lock_guard lock(self->mutex);
      self->waiting->settle(status, result, error);
      self->done.notify_one();
    }
    void await() {
      std::unique_lock lock(mutex);
      done.wait(lock, [this] { return waiting->value_.has_value(); });
    }

    Waiting* waiting;
    std::mutex mutex{};
    std::condition_variable done{};
  };

  struct Suspended {
    static void complete(void* context, revenge_status status, revenge_view result,
                         const revenge_error* error) {
      auto* self = static_cast<Suspended*>(context);
      self->waiting->settle(status, result, error);
      self->coroutine.resume();
    }
    bool await_ready() const noexcept { return false; }
    // Once the host has the completion, the coroutine may already run elsewhere: touch nothing after.
    bool await_suspend(std::coroutine_handle<> handle) {
      coroutine = handle;
      return waiting->begin(*this, &Suspended::complete);
    }
    Value await_resume() { return std::move(*waiting->value_); }

    Waiting* waiting;
    std::coroutine_handle<> coroutine;
  };

  // True: the completion will follow, or has already.
  bool begin(auto& context, decltype(revenge_completion::complete) complete) {
    auto done = boundary::sized<revenge_completion>();
    done.context = &context;
    done.complete = complete;
    revenge_view result{};
    boundary::ErrorText error;
    const revenge_status status = start_(result, done, error);
    if (status == REVENGE_PENDING) return true;
    settle(status, result, &error);
    return false;
  }

  void settle(revenge_status status, revenge_view result, const revenge_error* error) noexcept {
    boundary::ErrorText thrown;
    const revenge_status settled = boundary::guarded(&thrown, [&] {
      if (status >= 0) return value_.emplace(finish_(status, result)), void();
      if constexpr (requires { finish_.failed(result); }) finish_.failed(result);
      value_.emplace(std::unexpected(boundary::failure(status, error)));
    });
    if (settled < 0) value_.emplace(std::unexpected(boundary::failure(settled, &thrown)));
  }

  const Host* host_;
  Start start_;
  Finish finish_;
  std::optional<Value> value_;
};

}  // namespace revenge
