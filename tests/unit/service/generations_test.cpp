#include "service/generations.hpp"

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/domain.hpp"

namespace revenge::service {
namespace {

struct Greeter {
  std::string (*greet)(void* self);
};
const Greeter kGreeter{[](void* self) { return *static_cast<std::string*>(self); }};

class GenerationsTest : public testing::Test {
 protected:
  InstanceRef open() { return domain_.instances().open().value(); }
  Provider provider(InstanceRef instance, std::string& self) { return {instance, &kGreeter, &self}; }
  std::string call(SlotRef slot) {
    const SlotCall call(domain_.generations(), slot);
    return call ? call.table<Greeter>().greet(call.self()) : "nobody";
  }
  base::Result<> retire(InstanceRef ref) {
    domain_.instances().close(ref, Door::kShut);
    domain_.instances().drain(ref, base::Instant{});
    return domain_.release(ref);
  }

  Domain domain_;
  Generations& generations_ = domain_.generations();
  std::string first_ = "first";
  std::string second_ = "second";
  const InstanceRef consumer_ = open();
  const SlotRef slot_ = generations_.openSlot(consumer_).value();
};

TEST_F(GenerationsTest, AnswersUnavailableUntilASlotIsBoundAndAgainAfterwards) {
  EXPECT_EQ(call(slot_), "nobody");
  EXPECT_EQ(generations_.whyNot(slot_), base::Errc::kUnavailable);
  domain_.build().bind(slot_, provider(open(), first_)).publish().value();
  EXPECT_EQ(call(slot_), "first");
  domain_.build().unbind(slot_).publish().value();
  EXPECT_EQ(call(slot_), "nobody");
}

TEST_F(GenerationsTest, FollowsTheCurrentGenerationAtEachCall) {
  const InstanceRef old = open();
  domain_.build().bind(slot_, provider(old, first_)).publish().value();
  EXPECT_EQ(generations_.boundTo(old), std::vector{slot_});
  const std::uint64_t sequence = domain_.build().bind(slot_, provider(open(), second_)).publish().value();
  EXPECT_EQ(call(slot_), "second");
  EXPECT_EQ(generations_.sequence(), sequence);
  EXPECT_TRUE(retire(old).has_value());
}

TEST_F(GenerationsTest, HoldsTheProviderForTheLengthOfACall) {
  const InstanceRef ref = open();
  domain_.build().bind(slot_, provider(ref, first_)).publish().value();
  {
    const SlotCall call(generations_, slot_);
    domain_.build().unbind(slot_).publish().value();
    EXPECT_EQ(domain_.instances().insideApprox(ref), 1U);
    EXPECT_EQ(retire(ref).error().code, base::Errc::kBusy);
  }
  EXPECT_TRUE(retire(ref).has_value());
}

TEST_F(GenerationsTest, EntersAndLeavesInTwoHalvesForTheBoundary) {
  const InstanceRef ref = open();
  domain_.build().bind(slot_, provider(ref, first_)).publish().value();
  HostProtocol::Target target;
  ASSERT_EQ(generations_.tryEnter(slot_, target), HostProtocol::Attempt::kEntered);
  EXPECT_EQ(target.self, &first_);
  std::thread([&] { generations_.leave(target.provider); }).join();
  EXPECT_EQ(domain_.instances().insideApprox(ref), 0U);
}

TEST_F(GenerationsTest, EntersFromAThreadItHasNeverSeenByTheSecondHalf) {
  const InstanceRef ref = open();
  domain_.build().bind(slot_, provider(ref, first_)).publish().value();
  std::thread([&] {
    HostProtocol::Target target;
    const auto attempt = generations_.tryEnter(slot_, target);
    EXPECT_EQ(attempt, HostProtocol::Attempt::kRefused);
    target = generations_.enter(slot_, attempt, target.provider);
    EXPECT_EQ(target.self, &first_);
    generations_.leave(target.provider);
    EXPECT_EQ(generations_.tryEnter(slot_, target), HostProtocol::Attempt::kEntered);
    generations_.leave(target.provider);
  }).join();
  EXPECT_EQ(domain_.instances().insideApprox(ref), 0U);
}

TEST_F(GenerationsTest, StepsBackFromAnAttemptThatTheGenerationOvertook) {
  const InstanceRef ref = open();
  domain_.build().bind(slot_, provider(ref, first_)).publish().value();
  domain_.instances().enter(ref).end();
  // As tryEnter leaves it when the word moved: counted, not entered.
  HostProtocol::Target target;
  ASSERT_EQ(generations_.tryEnter(slot_, target), HostProtocol::Attempt::kEntered);
  domain_.build().bind(slot_, provider(open(), second_)).publish().value();
  target = generations_.enter(slot_, HostProtocol::Attempt::kMoved, target.provider);
  EXPECT_EQ(target.self, &second_);
  EXPECT_EQ(domain_.instances().insideApprox(ref), 0U);
  generations_.leave(target.provider);
}

TEST_F(GenerationsTest, GivesAClosedSlotUpAndRefusesItEverAfter) {
  domain_.build().bind(slot_, provider(open(), first_)).publish().value();
  domain_.build().closeSlots(consumer_).publish().value();
  EXPECT_EQ(call(slot_), "nobody");
  EXPECT_EQ(generations_.whyNot(slot_), base::Errc::kGone);
  const SlotRef next = generations_.openSlot(consumer_).value();
  EXPECT_EQ(next.index, slot_.index);
  domain_.build().bind(next, provider(open(), second_)).publish().value();
  EXPECT_EQ(call(slot_), "nobody");
  EXPECT_EQ(call(next), "second");
}

TEST_F(GenerationsTest, LeavesOutASlotThatWasClosedWhileItWasBuilt) {
  const InstanceRef staying = open();
  const SlotRef other = generations_.openSlot(staying).value();
  auto building = domain_.build();
  building.bind(slot_, provider(open(), first_)).bind(other, provider(open(), second_));
  domain_.build().closeSlots(consumer_).publish().value();
  const SlotRef next = generations_.openSlot(consumer_).value();
  EXPECT_EQ(next.index, slot_.index);
  EXPECT_TRUE(building.publish().has_value());
  EXPECT_EQ(call(other), "second");
  EXPECT_EQ(call(slot_), "nobody");
  EXPECT_EQ(call(next), "nobody");
}

TEST_F(GenerationsTest, RefusesAMadeUpSlot) {
  domain_.build().bind(slot_, provider(open(), first_)).publish().value();
  EXPECT_EQ(call(SlotRef{}), "nobody");
  EXPECT_EQ(call(SlotRef::fromBits(~std::uint64_t{0})), "nobody");
  EXPECT_EQ(call(SlotRef{slot_.index, static_cast<std::uint16_t>(slot_.consumer + 1), slot_.generation}),
            "nobody");
  EXPECT_EQ(SlotRef::fromBits(slot_.bits()), slot_);
}

TEST_F(GenerationsTest, HoldsAThousandSlotsAndSaysSo) {
  for (std::uint32_t i = 1; i < kMaxSlots; ++i) ASSERT_TRUE(generations_.openSlot(consumer_).has_value());
  EXPECT_EQ(generations_.openSlot(consumer_).error().code, base::Errc::kLimit);
}

// Two slots of one interface may lead to different providers: what a set replaced together needs.
TEST_F(GenerationsTest, LeadsSlotsOfTwoConsumersToTheProvidersOfTheirOwnGeneration) {
  const SlotRef newer = generations_.openSlot(open()).value();
  domain_.build()
      .bind(slot_, provider(open(), first_))
      .bind(newer, provider(open(), second_))
      .publish()
      .value();
  EXPECT_EQ(call(slot_), "first");
  EXPECT_EQ(call(newer), "second");
}

TEST_F(GenerationsTest, DoesNotPublishWhatNamesAGoneProvider) {
  const InstanceRef gone = open();
  ASSERT_TRUE(retire(gone).has_value());
  const std::uint64_t before = generations_.sequence();
  EXPECT_EQ(domain_.build().bind(slot_, provider(gone, first_)).publish().error().code, base::Errc::kGone);
  EXPECT_EQ(generations_.sequence(), before);
}

TEST_F(GenerationsTest, DoesNotReleaseAnInstanceThatASlotLeadsTo) {
  const InstanceRef ref = open();
  domain_.build().bind(slot_, provider(ref, first_)).publish().value();
  const auto refused = retire(ref);
  EXPECT_EQ(refused.error().code, base::Errc::kBusy);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("slots still lead to"));
}

TEST_F(GenerationsTest, ShowsAReaderOneGenerationWhole) {
  const auto name = generations_.facet<std::string>();
  const auto size = generations_.facet<std::size_t>();
  {
    const ReadGuard guard(generations_);
    EXPECT_EQ(guard.get(name), nullptr);
  }
  domain_.build()
      .set(name, std::make_shared<const std::string>("four"))
      .set(size, std::make_shared<const std::size_t>(4))
      .publish()
      .value();
  domain_.build().set(size, std::make_shared<const std::size_t>(5)).publish().value();
  const ReadGuard guard(generations_);
  EXPECT_EQ(*guard.get(name), "four");
  EXPECT_EQ(*guard.get(size), 5U);
  EXPECT_EQ(guard.sequence(), 2U);
}

TEST_F(GenerationsTest, DestroysADroppedFacetBeforePublishReturns) {
  const auto facet = generations_.facet<std::string>();
  auto value = std::make_shared<const std::string>("old");
  const std::weak_ptr<const std::string> watched = value;
  domain_.build().set(facet, std::move(value)).publish().value();
  std::shared_ptr<const std::string> kept;
  {
    const ReadGuard guard(generations_);
    kept = guard.share(facet);
  }
  domain_.build().set(facet, std::make_shared<const std::string>("new")).publish().value();
  EXPECT_EQ(watched.use_count(), 1);
  kept.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(GenerationsTest, RefusesToPublishUnderAGuardOfTheSameThread) {
  const ReadGuard guard(generations_);
  EXPECT_EQ(domain_.build().publish().error().code, base::Errc::kRefused);
}

TEST_F(GenerationsTest, AllowsGuardsWithinGuards) {
  {
    const ReadGuard outer(generations_);
    const ReadGuard inner(generations_);
    EXPECT_EQ(outer.sequence(), inner.sequence());
  }
  EXPECT_EQ(domain_.build().publish().value(), 1U);
}

TEST_F(GenerationsTest, LetsAFacetPublishFromItsDestructor) {
  struct Chained {
    Domain* domain;
    ~Chained() { domain->build().publish().value(); }
  };
  const auto facet = generations_.facet<Chained>();
  domain_.build().set(facet, std::make_shared<const Chained>(&domain_)).publish().value();
  domain_.build().set(facet, std::shared_ptr<const Chained>()).publish().value();
  EXPECT_EQ(generations_.sequence(), 3U);
}

}  // namespace
}  // namespace revenge::service
