// Callbacks, completions and lease handles: what crosses the boundary as a number and leads back into its owner.
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "service/callbacks.hpp"
#include "service/completions.hpp"
#include "service/domain.hpp"
#include "service/lease_handles.hpp"

namespace revenge::service {
namespace {

using namespace std::chrono_literals;

class BoundaryTest : public testing::Test {
 protected:
  // A plugin as the host sees it: what was called in it, and whether it was entered at that time.
  struct Plugin {
    Instances& instances;
    InstanceRef ref;
    std::vector<std::string> calls;

    void note(const std::string& what) {
      calls.push_back(instances.insideApprox(ref) > 0 ? what : what + " while not entered");
    }
  };

  static revenge_completion completionOf(Plugin& plugin) {
    return {
        sizeof(revenge_completion), 0, &plugin,
        [](void* context, revenge_status status, revenge_view result, const revenge_error*) {
          static_cast<Plugin*>(context)->note(std::to_string(status) + std::string(result.data, result.size));
        }};
  }
  static revenge_function functionOf(Plugin& plugin) {
    return {sizeof(revenge_function), 0, &plugin,
            [](void* context, const revenge_call*, revenge_view argument, revenge_buffer*, revenge_error*) {
              static_cast<Plugin*>(context)->note("called" + std::string(argument.data, argument.size));
              return revenge_status{REVENGE_OK};
            },
            nullptr};
  }
  // The same, and "released" when the host uses it no more.
  static revenge_function endingFunctionOf(Plugin& plugin) {
    revenge_function function = functionOf(plugin);
    function.released = [](void* context) { static_cast<Plugin*>(context)->note("released"); };
    return function;
  }

  std::string text(revenge_status status) { return std::to_string(status); }

  Domain domain_;
  Instances& instances_ = domain_.instances();
  Plugin consumer_{instances_, instances_.open().value(), {}};
  Plugin provider_{instances_, instances_.open().value(), {}};
  const base::Instant never_ = base::Instant::max();
};

class CallbacksTest : public BoundaryTest {
 protected:
  Callbacks callbacks_{instances_};
  revenge_handle handle_ = callbacks_.open(consumer_.ref, functionOf(consumer_));

  bool call() {
    const auto entered = callbacks_.enter(handle_);
    if (!entered) return false;
    entered->function().call(entered->function().context, nullptr, {"!", 1}, nullptr, nullptr);
    return true;
  }
};

TEST_F(CallbacksTest, EnterTheirOwner) {
  EXPECT_TRUE(call());
  EXPECT_EQ(consumer_.calls, std::vector<std::string>{"called!"});
  EXPECT_EQ(instances_.insideApprox(consumer_.ref), 0U);
}

TEST_F(CallbacksTest, AnswerGoneOnceClosedByTheirOwner) {
  EXPECT_FALSE(callbacks_.close(provider_.ref, handle_));
  EXPECT_TRUE(call());
  EXPECT_TRUE(callbacks_.close(consumer_.ref, handle_));
  EXPECT_FALSE(call());
}

TEST_F(CallbacksTest, WorkWhileTheOwnerEndsAndNotOnceItIsShut) {
  instances_.close(consumer_.ref, Door::kEnding);
  EXPECT_TRUE(call());
  instances_.close(consumer_.ref, Door::kShut);
  EXPECT_FALSE(call());
  EXPECT_EQ(callbacks_.withdraw(consumer_.ref), 1U);
}

TEST_F(CallbacksTest, AreReleasedOnceClosedWhenNoCallIsInProgress) {
  const revenge_handle ending = callbacks_.open(consumer_.ref, endingFunctionOf(consumer_));
  auto first = callbacks_.enter(ending);
  auto second = callbacks_.enter(ending);
  EXPECT_TRUE(callbacks_.close(consumer_.ref, ending));
  EXPECT_FALSE(callbacks_.enter(ending).has_value());
  first.reset();
  EXPECT_TRUE(consumer_.calls.empty());
  std::thread([second = std::move(second)]() mutable { second.reset(); }).join();
  EXPECT_EQ(consumer_.calls, std::vector<std::string>{"released"});
  EXPECT_EQ(instances_.insideApprox(consumer_.ref), 0U);
}

TEST_F(CallbacksTest, AreReleasedWhenTheirOwnerLeavesButNotBehindIt) {
  callbacks_.open(consumer_.ref, endingFunctionOf(consumer_));
  instances_.close(consumer_.ref, Door::kEnding);
  EXPECT_EQ(callbacks_.withdraw(consumer_.ref), 2U);
  EXPECT_EQ(consumer_.calls, std::vector<std::string>{"released"});
  callbacks_.open(provider_.ref, endingFunctionOf(provider_));
  EXPECT_EQ(callbacks_.forget(provider_.ref), 1U);
  EXPECT_TRUE(provider_.calls.empty());
}

TEST_F(CallbacksTest, OfAnOlderPluginAreNotReleased) {
  revenge_function older = endingFunctionOf(consumer_);
  older.size = offsetof(revenge_function, released);
  EXPECT_TRUE(callbacks_.close(consumer_.ref, callbacks_.open(consumer_.ref, older)));
  EXPECT_TRUE(consumer_.calls.empty());
}

class CompletionsTest : public BoundaryTest {
 protected:
  Completions completions_{instances_};
  revenge_handle handle_ =
      completions_.open(consumer_.ref, completionOf(consumer_), base::Instant(10s)).value();

  bool accept() { return completions_.accept(provider_.ref, handle_, functionOf(provider_)).accepted; }
  // What ran within accept(), and what ran after it.
  std::vector<std::string> acceptOverdue() {
    auto accept = completions_.accept(provider_.ref, handle_, functionOf(provider_));
    EXPECT_TRUE(accept.accepted);
    EXPECT_TRUE(consumer_.calls.empty());
    accept.due.reset();
    return consumer_.calls;
  }
};

TEST_F(CompletionsTest, CompleteOnceWithTheResultOfTheProvider) {
  ASSERT_TRUE(accept());
  auto due = completions_.finish(provider_.ref, handle_, REVENGE_OK);
  ASSERT_TRUE(due.has_value());
  due->run({"42", 2});
  due->run({"43", 2});
  EXPECT_EQ(consumer_.calls, std::vector<std::string>{"042"});
  EXPECT_TRUE(provider_.calls.empty());
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
}

TEST_F(CompletionsTest, AreFinishedOnlyByWhoAcceptedThem) {
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
  ASSERT_TRUE(accept());
  EXPECT_FALSE(accept());
  EXPECT_FALSE(completions_.finish(consumer_.ref, handle_, REVENGE_OK).has_value());
}

TEST_F(CompletionsTest, RunEvenWhenNobodyRemembersTo) {
  ASSERT_TRUE(accept());
  completions_.finish(provider_.ref, handle_, REVENGE_FAILED).reset();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_FAILED)});
}

TEST_F(CompletionsTest, TellTheProviderWhenTheConsumerCancels) {
  ASSERT_TRUE(accept());
  auto due = completions_.cancel(consumer_.ref, handle_);
  ASSERT_TRUE(due.has_value() && due->has_value());
  (*due)->run();
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"called"});
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_CANCELLED)});
  EXPECT_FALSE(completions_.cancel(consumer_.ref, handle_).has_value());
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
}

TEST_F(CompletionsTest, CloseSilentlyWhenTheProviderAnsweredInPlace) {
  const auto due = completions_.cancel(consumer_.ref, handle_);
  ASSERT_TRUE(due.has_value());
  EXPECT_FALSE(due->has_value());
  EXPECT_TRUE(consumer_.calls.empty());
  EXPECT_FALSE(accept());
}

TEST_F(CompletionsTest, TimeOutAtTheirDeadlineAndNotBefore) {
  ASSERT_TRUE(accept());
  EXPECT_EQ(completions_.nextDeadline(), base::Instant(10s));
  EXPECT_TRUE(completions_.expire(base::Instant(10s) - 1ns).empty());
  completions_.expire(base::Instant(10s)).clear();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_TIMED_OUT)});
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"called"});
  EXPECT_EQ(completions_.nextDeadline(), never_);
}

TEST_F(CompletionsTest, AnswerGoneWhenTheProviderLeaves) {
  ASSERT_TRUE(accept());
  EXPECT_TRUE(completions_.providerLeft(consumer_.ref).empty());
  completions_.providerLeft(provider_.ref).clear();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_GONE)});
  EXPECT_TRUE(provider_.calls.empty());
}

TEST_F(CompletionsTest, AreNotLostWhenTheyFinishBehindAShutDoor) {
  ASSERT_TRUE(accept());
  instances_.close(consumer_.ref, Door::kShut);
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
  EXPECT_TRUE(consumer_.calls.empty());
  completions_.withdraw(consumer_.ref).clear();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_CANCELLED)});
  EXPECT_EQ(completions_.count(consumer_.ref), 0U);
}

TEST_F(CompletionsTest, WaitForTheirAcceptanceBeforeTheyTimeOut) {
  EXPECT_TRUE(completions_.expire(base::Instant(10s)).empty());
  EXPECT_TRUE(completions_.expire(base::Instant(11s)).empty());
  EXPECT_EQ(acceptOverdue(), std::vector{text(REVENGE_TIMED_OUT)});
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"called"});
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
  EXPECT_EQ(completions_.count(consumer_.ref), 0U);
}

TEST_F(CompletionsTest, AnsweredInPlaceAreClosedAlsoPastTheirDeadline) {
  EXPECT_TRUE(completions_.expire(base::Instant(10s)).empty());
  const auto due = completions_.cancel(consumer_.ref, handle_);
  ASSERT_TRUE(due.has_value());
  EXPECT_FALSE(due->has_value());
  EXPECT_FALSE(accept());
  EXPECT_TRUE(consumer_.calls.empty());
}

TEST_F(CompletionsTest, AreAllCancelledWhenTheirOwnerLeaves) {
  ASSERT_TRUE(accept());
  completions_.cancelAll(provider_.ref).clear();
  EXPECT_TRUE(consumer_.calls.empty());
  completions_.cancelAll(consumer_.ref).clear();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_CANCELLED)});
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"called"});
}

TEST_F(CompletionsTest, WaitForTheirAcceptanceBeforeTheyAreCancelledWithTheirOwner) {
  EXPECT_TRUE(completions_.cancelAll(consumer_.ref).empty());
  EXPECT_TRUE(completions_.expire(base::Instant(10s)).empty());
  EXPECT_EQ(acceptOverdue(), std::vector{text(REVENGE_CANCELLED)});
}

TEST_F(CompletionsTest, AreNotOpenedForAnOwnerThatLeaves) {
  completions_.cancelAll(consumer_.ref).clear();
  const auto late = completions_.open(consumer_.ref, completionOf(consumer_), never_);
  EXPECT_EQ(late.error().code, base::Errc::kCancelled);
  EXPECT_EQ(completions_.count(consumer_.ref), 1U);
  EXPECT_TRUE(completions_.open(provider_.ref, completionOf(provider_), never_).has_value());
}

TEST_F(CompletionsTest, StayOpeningWhenAProviderLeaves) {
  EXPECT_TRUE(completions_.providerLeft(provider_.ref).empty());
  EXPECT_TRUE(accept());
  EXPECT_TRUE(consumer_.calls.empty());
}

TEST_F(CompletionsTest, CloseSilentlyWithTheirOwnerWhenNobodyAcceptedThem) {
  EXPECT_TRUE(completions_.withdraw(consumer_.ref).empty());
  EXPECT_FALSE(accept());
  EXPECT_TRUE(consumer_.calls.empty());
  EXPECT_EQ(completions_.count(consumer_.ref), 0U);
}

TEST_F(CompletionsTest, AreNotFinishedByTheHostForNobody) {
  EXPECT_FALSE(completions_.finish({}, handle_, REVENGE_OK).has_value());
  EXPECT_TRUE(accept());
}

TEST_F(CompletionsTest, KeepTheirOwnerEnteredUntilTheyRan) {
  ASSERT_TRUE(accept());
  auto due = completions_.finish(provider_.ref, handle_, REVENGE_OK);
  instances_.close(consumer_.ref, Door::kShut);
  EXPECT_EQ(instances_.drain(consumer_.ref, {}).inside, 1U);
  std::thread([due = std::move(due)]() mutable { due->run(); }).join();
  EXPECT_TRUE(instances_.drain(consumer_.ref, {}));
}

// Each way to the end, and what the provider hears of it, its function's release last.
class ReleaseTest : public CompletionsTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(completions_.accept(provider_.ref, handle_, endingFunctionOf(provider_)).accepted);
  }
  void TearDown() override {
    EXPECT_EQ(consumer_.calls.size(), 1U);
    EXPECT_EQ(instances_.insideApprox(provider_.ref), 0U);
  }
  const std::vector<std::string> told_{"called", "released"};
  const std::vector<std::string> released_{"released"};
};

TEST_F(ReleaseTest, FollowsAFinish) {
  completions_.finish(provider_.ref, handle_, REVENGE_OK).reset();
  EXPECT_EQ(provider_.calls, released_);
}

TEST_F(ReleaseTest, FollowsWhatTheProviderIsToldByACancel) {
  (void)completions_.cancel(consumer_.ref, handle_);
  EXPECT_EQ(provider_.calls, told_);
}

TEST_F(ReleaseTest, FollowsWhatTheProviderIsToldByADeadline) {
  completions_.expire(base::Instant(10s)).clear();
  EXPECT_EQ(provider_.calls, told_);
}

TEST_F(ReleaseTest, FollowsWhatTheProviderIsToldByTheOwnersEnd) {
  completions_.withdraw(consumer_.ref).clear();
  EXPECT_EQ(provider_.calls, told_);
}

TEST_F(ReleaseTest, ComesBeforeTheProviderHasLeft) {
  instances_.close(provider_.ref, Door::kEnding);
  completions_.providerLeft(provider_.ref).clear();
  EXPECT_EQ(provider_.calls, released_);
}

TEST_F(ReleaseTest, WaitsForWhoeverTellsTheProvider) {
  auto due = completions_.expire(base::Instant(10s));
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
  EXPECT_TRUE(provider_.calls.empty());
  EXPECT_TRUE(completions_.providerLeft(provider_.ref).empty());
  EXPECT_EQ(instances_.drain(provider_.ref, {}).inside, 1U);
  due.clear();
  EXPECT_EQ(provider_.calls, told_);
}

TEST_F(CompletionsTest, ReleaseNothingOfAProviderThatIsShut) {
  ASSERT_TRUE(completions_.accept(provider_.ref, handle_, endingFunctionOf(provider_)).accepted);
  instances_.close(provider_.ref, Door::kShut);
  completions_.providerLeft(provider_.ref).clear();
  EXPECT_EQ(consumer_.calls, std::vector{text(REVENGE_GONE)});
  EXPECT_TRUE(provider_.calls.empty());
}

TEST_F(CompletionsTest, AreForgottenWithAnOwnerWhoseCreateFailed) {
  ASSERT_TRUE(accept());
  instances_.close(consumer_.ref, Door::kShut);
  EXPECT_TRUE(completions_.cancelAll(consumer_.ref).empty());
  completions_.forget(consumer_.ref).clear();
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"called"});
  EXPECT_FALSE(completions_.finish(provider_.ref, handle_, REVENGE_OK).has_value());
  EXPECT_TRUE(consumer_.calls.empty());
}

class LeaseHandlesTest : public BoundaryTest {
 protected:
  LeaseHandles leases_{instances_};
  revenge_leased leased_{sizeof(revenge_leased), 0, &provider_,
                         [](void* object) { static_cast<Plugin*>(object)->note("ended"); }};
  revenge_handle handle_ = leases_.open(provider_.ref, consumer_.ref, leased_);
};

TEST_F(LeaseHandlesTest, KeepTheirIssuerEnteredUntilTheyEnd) {
  EXPECT_EQ(instances_.insideApprox(provider_.ref), 1U);
  EXPECT_EQ(leases_.object(provider_.ref, handle_), &provider_);
  leases_.close(consumer_.ref, handle_)->run();
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"ended"});
  EXPECT_EQ(instances_.insideApprox(provider_.ref), 0U);
  EXPECT_FALSE(leases_.close(consumer_.ref, handle_).has_value());
}

TEST_F(LeaseHandlesTest, EnterTheirIssuerForTheHolderAlone) {
  EXPECT_FALSE(leases_.enter(provider_.ref, handle_));
  EXPECT_EQ(leases_.enter(consumer_.ref, handle_).instance(), provider_.ref);
  EXPECT_EQ(leases_.object(consumer_.ref, handle_), nullptr);
  instances_.close(provider_.ref, Door::kEnding);
  EXPECT_TRUE(leases_.enter(consumer_.ref, handle_));
}

TEST_F(LeaseHandlesTest, EndByTheIssuerTooAndByNobodyElse) {
  const InstanceRef stranger = instances_.open().value();
  EXPECT_FALSE(leases_.close(stranger, handle_).has_value());
  EXPECT_TRUE(leases_.close(provider_.ref, handle_).has_value());
}

TEST_F(LeaseHandlesTest, EndWithTheirHolderAndWithTheirIssuer) {
  leases_.withdraw(consumer_.ref).clear();
  EXPECT_EQ(provider_.calls, std::vector<std::string>{"ended"});
  leases_.open(provider_.ref, consumer_.ref, leased_);
  EXPECT_EQ(leases_.heldBy(consumer_.ref), 1U);
  EXPECT_EQ(leases_.withdraw(provider_.ref).size(), 1U);
  EXPECT_EQ(leases_.heldBy(consumer_.ref), 0U);
}

TEST_F(LeaseHandlesTest, AreNotIssuedByAnInstanceThatIsGone) {
  instances_.close(provider_.ref, Door::kShut);
  EXPECT_EQ(leases_.open(provider_.ref, consumer_.ref, leased_), 0U);
}

TEST(Tokens, AreNeverGivenTwice) {
  Tokens tokens;
  const revenge_token first = tokens.next();
  EXPECT_NE(first, 0U);
  EXPECT_NE(tokens.next(), first);
}

}  // namespace
}  // namespace revenge::service
