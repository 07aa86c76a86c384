#include "service/instances.hpp"

#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "service/domain.hpp"

namespace revenge::service {
namespace {

constexpr base::Instant kAtOnce{};

class InstancesTest : public testing::Test {
 protected:
  void end(InstanceRef ref) {
    instances_.close(ref, Door::kShut);
    ASSERT_TRUE(instances_.drain(ref, kAtOnce));
    ASSERT_TRUE(instances_.release(ref).has_value());
  }

  Domain domain_;
  Instances& instances_ = domain_.instances();
};

TEST_F(InstancesTest, CountsLeasesAndFindsItselfEmptyAgain) {
  const InstanceRef ref = instances_.open().value();
  EXPECT_EQ(instances_.insideApprox(ref), 0U);
  Lease first = instances_.enter(ref);
  const Lease second = first.another();
  EXPECT_EQ(instances_.insideApprox(ref), 2U);
  first.end();
  EXPECT_FALSE(first);
  EXPECT_EQ(instances_.insideApprox(ref), 1U);
}

TEST_F(InstancesTest, MovesALeaseWithoutCountingItTwice) {
  const InstanceRef ref = instances_.open().value();
  Lease first = instances_.enter(ref);
  Lease second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): empty is what a moved-from lease is
  EXPECT_EQ(second.instance(), ref);
  second = instances_.enter(ref);
  EXPECT_EQ(instances_.insideApprox(ref), 1U);
}

TEST_F(InstancesTest, CountsALeaseThatEndsOnAnotherThread) {
  const InstanceRef ref = instances_.open().value();
  Lease lease = instances_.enter(ref);
  instances_.close(ref, Door::kShut);
  EXPECT_EQ(instances_.drain(ref, kAtOnce).inside, 1U);
  std::thread([lease = std::move(lease)]() mutable { lease.end(); }).join();
  EXPECT_EQ(instances_.drain(ref, kAtOnce).inside, 0U);
}

TEST_F(InstancesTest, AwaitsCallsButNoLastingLease) {
  const InstanceRef ref = instances_.open().value();
  Lease stream = instances_.enter(ref);
  stream.makeLasting();
  stream.makeLasting();
  EXPECT_EQ(instances_.awaitCalls(ref, kAtOnce).inside, 0U);
  Lease call = instances_.enter(ref);
  EXPECT_EQ(instances_.awaitCalls(ref, kAtOnce).inside, 1U);
  Lease moved = std::move(stream);
  call.end();
  EXPECT_EQ(instances_.awaitCalls(ref, kAtOnce).inside, 0U);
  EXPECT_EQ(instances_.drain(ref, kAtOnce).inside, 1U);
  moved.end();
  EXPECT_EQ(instances_.drain(ref, kAtOnce).inside, 0U);
  EXPECT_EQ(instances_.awaitCalls(ref, kAtOnce).inside, 0U);
}

TEST_F(InstancesTest, WakesWhoAwaitsCallsWhenTheLastOneEndsElsewhere) {
  const InstanceRef ref = instances_.open().value();
  Lease lasting = instances_.enter(ref);
  lasting.makeLasting();
  Lease call = instances_.enter(ref);
  std::thread other([call = std::move(call)]() mutable { call.end(); });
  EXPECT_EQ(instances_.awaitCalls(ref, base::SystemClock().now() + std::chrono::seconds(20)).inside, 0U);
  other.join();
}

TEST_F(InstancesTest, LetsThroughEachDoorOnlyWhoMayStillPass) {
  const InstanceRef ref = instances_.open().value();
  const auto passes = [&] {
    std::vector<bool> entered;
    for (const Pass pass : {Pass::kNew, Pass::kUnderWay, Pass::kLifecycle}) {
      entered.push_back(static_cast<bool>(instances_.enter(ref, pass)));
    }
    return entered;
  };
  EXPECT_EQ(passes(), (std::vector{true, true, true}));
  instances_.close(ref, Door::kEnding);
  EXPECT_EQ(passes(), (std::vector{false, true, true}));
  instances_.close(ref, Door::kShut);
  EXPECT_EQ(passes(), (std::vector{false, false, true}));
}

TEST_F(InstancesTest, NeverOpensADoorAgain) {
  const InstanceRef ref = instances_.open().value();
  instances_.close(ref, Door::kShut);
  instances_.close(ref, Door::kEnding);
  EXPECT_EQ(instances_.door(ref), Door::kShut);
}

TEST_F(InstancesTest, TellsHowManyAreInsideWhenADrainRunsOut) {
  const InstanceRef ref = instances_.open().value();
  const Lease first = instances_.enter(ref);
  const Lease second = instances_.enter(ref);
  instances_.close(ref, Door::kShut);
  const Drained drained =
      instances_.drain(ref, std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
  EXPECT_FALSE(drained);
  EXPECT_EQ(drained.inside, 2U);
}

TEST_F(InstancesTest, ReleasesOnlyWhatIsShutAndProvedEmpty) {
  const InstanceRef ref = instances_.open().value();
  EXPECT_EQ(instances_.release(ref).error().code, base::Errc::kBusy);
  Lease lease = instances_.enter(ref);
  instances_.close(ref, Door::kShut);
  EXPECT_FALSE(instances_.drain(ref, kAtOnce));
  EXPECT_EQ(instances_.release(ref).error().code, base::Errc::kBusy);
  lease.end();
  EXPECT_EQ(instances_.release(ref).error().code, base::Errc::kBusy);
  EXPECT_TRUE(instances_.drain(ref, kAtOnce));
  EXPECT_TRUE(instances_.release(ref).has_value());
  EXPECT_EQ(instances_.release(ref).error().code, base::Errc::kGone);
}

TEST_F(InstancesTest, AsksForAnotherDrainAfterALifecycleCall) {
  const InstanceRef ref = instances_.open().value();
  instances_.close(ref, Door::kShut);
  ASSERT_TRUE(instances_.drain(ref, kAtOnce));
  instances_.enter(ref, Pass::kLifecycle).end();
  EXPECT_EQ(instances_.release(ref).error().code, base::Errc::kBusy);
  ASSERT_TRUE(instances_.drain(ref, kAtOnce));
  EXPECT_TRUE(instances_.release(ref).has_value());
}

TEST_F(InstancesTest, AnswersGoneToAReferenceOfAnEarlierLife) {
  const InstanceRef old = instances_.open().value();
  end(old);
  const InstanceRef next = instances_.open().value();
  EXPECT_EQ(next.index, old.index);
  EXPECT_FALSE(instances_.enter(old, Pass::kLifecycle));
  EXPECT_TRUE(instances_.enter(next));
  EXPECT_EQ(instances_.door(old), Door::kShut);
}

TEST_F(InstancesTest, AnswersGoneToNoneAndToWhatWasNeverGiven) {
  EXPECT_FALSE(instances_.enter(InstanceRef{}));
  EXPECT_FALSE(instances_.enter(InstanceRef::fromBits(~std::uint64_t{0}), Pass::kLifecycle));
  EXPECT_TRUE(instances_.drain(InstanceRef{}, kAtOnce));
}

TEST_F(InstancesTest, HoldsTwoHundredAndFiftySixAndSaysSo) {
  std::vector<InstanceRef> all;
  for (std::uint32_t i = 0; i < kMaxInstances; ++i) all.push_back(instances_.open().value());
  const auto refused = instances_.open();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::Errc::kLimit);
  end(all[17]);
  EXPECT_EQ(instances_.open().value().index, 17U);
}

// A thread that never comes back keeps the instance from ever being released.
TEST_F(InstancesTest, StaysUnequalAfterAThreadDiedInside) {
  const InstanceRef ref = instances_.open().value();
  auto stuck = std::make_unique<std::optional<Lease>>();
  std::thread([&] { stuck->emplace(instances_.enter(ref)); }).join();
  // The next thread takes the block over, with its values, and adds to it.
  std::thread([&] { instances_.enter(ref).end(); }).join();
  EXPECT_EQ(domain_.cells().blocks(), 1U);
  instances_.close(ref, Door::kShut);
  EXPECT_EQ(instances_.drain(ref, kAtOnce).inside, 1U);
}

TEST_F(InstancesTest, KeepsTheCountsOfTwoDomainsApartOnOneThread) {
  Domain other;
  const InstanceRef here = instances_.open().value();
  const InstanceRef there = other.instances().open().value();
  const Lease first = instances_.enter(here);
  Lease second = other.instances().enter(there);
  const Lease third = instances_.enter(here);
  EXPECT_EQ(instances_.insideApprox(here), 2U);
  EXPECT_EQ(other.instances().insideApprox(there), 1U);
  second.end();
  EXPECT_EQ(other.instances().insideApprox(there), 0U);
}

TEST_F(InstancesTest, IsNotConfusedByADomainThatTakesThePlaceOfAnother) {
  for (int i = 0; i < 20; ++i) {
    const auto domain = std::make_unique<Domain>(i % 2 == 0 ? Fence::kFull : Machine::probe());
    const InstanceRef ref = domain->instances().open().value();
    const Lease lease = domain->instances().enter(ref);
    ASSERT_EQ(domain->instances().insideApprox(ref), 1U);
    ASSERT_EQ(domain->cells().blocks(), 1U);
  }
}

// Entered by the destructor of a thread_local that runs after this room has given the thread's block back.
TEST_F(InstancesTest, CountsAThreadThatCallsWhileItEnds) {
  const InstanceRef ref = instances_.open().value();
  struct Late {
    ~Late() { instances->enter(ref).end(); }
    Instances* instances;
    InstanceRef ref;
  };
  std::thread([&] {
    static thread_local std::optional<Late> late;
    late.emplace(&instances_, ref);
    instances_.enter(ref).end();
  }).join();
  EXPECT_EQ(instances_.insideApprox(ref), 0U);
}

}  // namespace
}  // namespace revenge::service
