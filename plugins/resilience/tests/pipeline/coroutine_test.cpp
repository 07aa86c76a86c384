#include "pipeline/coroutine.hpp"

#include <coroutine>
#include <stdexcept>

#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

// As little of a task as the tests need: begun when awaited, resumes who awaits it.
template <class T>
class Task {
 public:
  struct promise_type {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Back {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          return self.promise().awaiting;
        }
        void await_resume() noexcept {}
      };
      return Back{};
    }
    void return_value(T its_value) { value = std::move(its_value); }
    void unhandled_exception() { exception = std::current_exception(); }
    std::coroutine_handle<> awaiting;
    std::optional<T> value;
    std::exception_ptr exception;
  };
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() {
    if (handle_.promise().exception) std::rethrow_exception(handle_.promise().exception);
    return std::move(*handle_.promise().value);
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

struct CoroutineTest : PipelineTest {
  struct Sleep : Timer {
    Sleep(Scheduler& its_scheduler, Duration its_time)
        : Timer([](Timer& timer, Moment) noexcept { static_cast<Sleep&>(timer).caller.resume(); }),
          on(its_scheduler),
          time(its_time) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      caller = handle;
      on.at(on.now() + time, *this);
    }
    void await_resume() const noexcept {}
    Scheduler& on;
    Duration time;
    std::coroutine_handle<> caller;
  };
  using Answer = std::expected<int, std::string>;

  template <class Fn>
  void go(std::shared_ptr<const Pipeline> pipeline, Fn fn) {
    [](CoroutineTest& test, std::shared_ptr<const Pipeline> its_pipeline, Fn its_fn) -> Unawaited {
      test.outcome = co_await runAwaited<int, std::string>(std::move(its_pipeline), test.scheduler,
                                                           repeatable(), its_fn);
      test.ended_at = test.scheduler.now();
    }(*this, std::move(pipeline), std::move(fn));
  }

  std::optional<Outcome<int, std::string>> outcome;
  Moment ended_at;
};

TEST_F(CoroutineTest, GoesOnAtOnceWhereNothingWaits) {
  go(std::make_shared<const Pipeline>(of(retry(3))), [](Attempt&) -> Task<Answer> { co_return 5; });
  EXPECT_EQ(outcome->value(), 5);
}

TEST_F(CoroutineTest, AwaitsItsAttemptsAndTheDelaysBetween) {
  go(std::make_shared<const Pipeline>(of(retry(growing(3)))), [this](Attempt& attempt) -> Task<Answer> {
    ++calls;
    co_await Sleep(scheduler, ms(10));
    if (attempt.number() < 3) co_return std::unexpected("down");
    co_return 7;
  });
  scheduler.move(ms(329));
  EXPECT_FALSE(outcome);
  scheduler.move(ms(1));
  EXPECT_EQ(outcome->value(), 7);
  EXPECT_EQ(ended_at, at(330));
}

TEST_F(CoroutineTest, AnExceptionIsAFailureThatMayBeRetried) {
  const auto circuit = breaker(5);
  go(std::make_shared<const Pipeline>(of(retry(2), circuit)), [this](Attempt&) -> Task<Answer> {
    if (++calls < 3) throw std::runtime_error("down");
    co_return 7;
  });
  EXPECT_EQ(calls, 2);
  EXPECT_THROW(outcome->error().rethrowIfException(), std::runtime_error);
  EXPECT_EQ(circuit->report(at(0)).counts.failures, 2);
}

TEST_F(CoroutineTest, E2_ADetachedOneEndsByItself) {
  const auto slots = bulkhead(1);
  go(std::make_shared<const Pipeline>(of(slots, timeout(ms(20), TimeoutStyle::kDetached))),
     [this](Attempt&) -> Task<Answer> {
       co_await Sleep(scheduler, ms(200));
       co_return 7;
     });
  scheduler.move(ms(20));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(slots->running(), 1);
  scheduler.move(ms(180));
  EXPECT_EQ(slots->running(), 0);
}

TEST_F(CoroutineTest, WaitsForASlot) {
  const auto slots = bulkhead(1, 1);
  const auto slot = slots->acquire(at(0));
  go(std::make_shared<const Pipeline>(of(slots)), [](Attempt&) -> Task<Answer> { co_return 7; });
  EXPECT_FALSE(outcome);
  slots->settle(slot->permit, Verdict::kSuccess, at(0));
  scheduler.work();
  EXPECT_EQ(outcome->value(), 7);
}

}  // namespace
}  // namespace revenge::resilience
