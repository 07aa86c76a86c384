// Accepting a completion against everybody who may end it meanwhile, on all cores: whichever comes first, an accepted
// one runs once, and one that was closed before never. And the functions of either side: released behind their last call.
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "service/callbacks.hpp"
#include "service/completions.hpp"
#include "service/domain.hpp"

namespace revenge::service {
namespace {

using namespace std::chrono_literals;

// As the frame of a suspended coroutine: written by whoever runs it, read by whoever comes after.
struct Waiter {
  int ran = 0;
  revenge_status status = REVENGE_OK;
};

// What a function leads to: gone, as freed memory is, once it was released.
struct Context {
  int calls = 0;
  int released = 0;

  revenge_function function() {
    return {sizeof(revenge_function), 0, this,
            [](void* context, const revenge_call*, revenge_view, revenge_buffer*, revenge_error*) {
              auto& self = *static_cast<Context*>(context);
              EXPECT_EQ(self.released, 0);
              ++self.calls;
              return revenge_status{REVENGE_OK};
            },
            [](void* context) { ++static_cast<Context*>(context)->released; }};
  }
};

class CompletionsRace : public testing::Test {
 protected:
  static constexpr int kRounds = 3000;

  // `rival(handle)` on a thread of its own while this one accepts; then `after(accepted, waiter)`. Each round has a
  // consumer and a waiter of its own, which end before the next.
  template <typename Rival, typename After>
  void race(Rival rival, After after) {
    std::barrier step(2);
    revenge_handle handle = 0;
    const std::jthread other([&] {
      for (int round = 0; round < kRounds; ++round) {
        step.arrive_and_wait();
        rival(handle);
        step.arrive_and_wait();
      }
    });
    for (int round = 0; round < kRounds; ++round) {
      Waiter waiter;
      consumer_ = domain_.instances().open().value();
      handle = completions_.open(consumer_, completionOf(waiter), base::Instant(10s)).value();
      step.arrive_and_wait();
      Context told;
      auto accept = completions_.accept(provider_, handle, told.function());
      accept.due.reset();
      step.arrive_and_wait();
      after(accept.accepted, waiter);
      EXPECT_EQ(told.released, accept.accepted ? 1 : 0);
      EXPECT_EQ(completions_.count(consumer_), 0U);
      release(consumer_);
    }
  }

  void release(InstanceRef instance) {
    domain_.instances().close(instance, Door::kShut);
    EXPECT_TRUE(domain_.instances().drain(instance, {}));
    EXPECT_TRUE(domain_.instances().release(instance));
  }

  static revenge_completion completionOf(Waiter& waiter) {
    return {sizeof(revenge_completion), 0, &waiter,
            [](void* context, revenge_status status, revenge_view, const revenge_error*) {
              auto& ended = *static_cast<Waiter*>(context);
              ++ended.ran;
              ended.status = status;
            }};
  }

  Domain domain_;
  InstanceRef consumer_;
  InstanceRef provider_ = domain_.instances().open().value();
  Completions completions_{domain_.instances()};
};

TEST_F(CompletionsRace, TheDeadlineEndsWhatIsAcceptedOnce) {
  race([&](revenge_handle) { completions_.expire(base::Instant(10s)).clear(); },
       [&](bool accepted, const Waiter& waiter) {
         EXPECT_TRUE(accepted);
         EXPECT_EQ(waiter.ran, 1);
         EXPECT_EQ(waiter.status, REVENGE_TIMED_OUT);
       });
}

TEST_F(CompletionsRace, ACancelClosesOrEndsOnce) {
  race([&](revenge_handle handle) { (void)completions_.cancel(consumer_, handle); },
       [&](bool accepted, const Waiter& waiter) { EXPECT_EQ(waiter.ran, accepted ? 1 : 0); });
}

TEST_F(CompletionsRace, TheWithdrawalOfTheOwnerClosesOrEndsOnce) {
  race([&](revenge_handle) { completions_.withdraw(consumer_).clear(); },
       [&](bool accepted, const Waiter& waiter) { EXPECT_EQ(waiter.ran, accepted ? 1 : 0); });
}

TEST_F(CompletionsRace, ALeavingOwnerEndsWhatIsAcceptedOnce) {
  race([&](revenge_handle) { completions_.cancelAll(consumer_).clear(); },
       [&](bool accepted, const Waiter& waiter) {
         EXPECT_TRUE(accepted);
         EXPECT_EQ(waiter.ran, 1);
         EXPECT_EQ(waiter.status, REVENGE_CANCELLED);
       });
}

TEST_F(CompletionsRace, TheProvidersLeavingOrItsAnswerEndsItOnce) {
  race(
      [&](revenge_handle handle) {
        completions_.expire(base::Instant(10s)).clear();
        completions_.providerLeft(provider_).clear();
        completions_.finish(provider_, handle, REVENGE_OK).reset();
      },
      [&](bool accepted, const Waiter& waiter) {
        EXPECT_TRUE(accepted);
        EXPECT_EQ(waiter.ran, 1);
      });
}

TEST(CallbacksRace, AClosedOneIsReleasedBehindTheLastCall) {
  Domain domain;
  const InstanceRef owner = domain.instances().open().value();
  Callbacks callbacks(domain.instances());
  std::barrier step(2);
  revenge_handle handle = 0;
  constexpr int kRounds = 3000;
  const std::jthread caller([&] {
    for (int round = 0; round < kRounds; ++round) {
      step.arrive_and_wait();
      while (const auto entered = callbacks.enter(handle))
        entered->function().call(entered->function().context, nullptr, {}, nullptr, nullptr);
      step.arrive_and_wait();
    }
  });
  for (int round = 0; round < kRounds; ++round) {
    Context context;
    handle = callbacks.open(owner, context.function());
    step.arrive_and_wait();
    EXPECT_TRUE(callbacks.close(owner, handle));
    step.arrive_and_wait();
    EXPECT_EQ(context.released, 1);
  }
}

}  // namespace
}  // namespace revenge::service
