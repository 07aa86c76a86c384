// Both sides of test.store/1 on the SDK's host for tests: what needs no second thread and no swap.
#include "store.cpp"

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

#include "reader.cpp"

extern "C" const revenge_plugin* reader_c_entry(std::uint32_t abi_generation, revenge_error* error);

namespace store {

namespace {
constexpr Package kPlain{"1.0.0", Phase::kNone, Owns::kNothing, {}};
Package tested = kPlain;
}  // namespace
const Package& package() { return tested; }

namespace {

using revenge::testing::FakeHost;
using revenge::testing::Loaded;

struct StoreTest : ::testing::Test {
  ~StoreTest() override { tested = kPlain; }

  std::string body(const std::string& target) { return fake.get(target).body; }

  revenge_call nobody = boundary::sized<revenge_call>();
  FakeHost fake;
  std::optional<Loaded<Store>> provider = fake.load<Store>();
  std::optional<Loaded<reader::Reader>> consumer = fake.load<reader::Reader>();
};

TEST_F(StoreTest, ServesTheReaderAndSaysWhoAnswered) {
  EXPECT_EQ(body("/reader/get?key=reader/started"), "1.0.0");
  EXPECT_EQ(body("/reader/put?key=a&value=1"), "ok");
  const auto& answer = fake.get("/reader/get?key=a");
  EXPECT_EQ(answer.body, "1");
  EXPECT_EQ(answer.headers.at("x-reader"), "reader/1.0.0");
  EXPECT_EQ(body("/reader/add?key=a&by=41"), "42");
  EXPECT_EQ(fake.get("/reader/add?key=a&by=x").status, 400);
  EXPECT_EQ(body("/reader/remove?key=a"), "ok");
  EXPECT_EQ(fake.get("/reader/get?key=a").status, 404);
  EXPECT_EQ(fake.services().entered(), 0);
}

TEST_F(StoreTest, StartsWithoutAStoreAndServesWhenItComes) {
  consumer.reset();
  provider.reset();
  consumer.emplace(fake.load<reader::Reader>());
  EXPECT_EQ(fake.get("/reader/put?key=a&value=1").status, 503);
  provider.emplace(fake.load<Store>());
  EXPECT_EQ(fake.get("/reader/put?key=a&value=1").status, 200);
}

TEST_F(StoreTest, CommitsATransactionAndRollsBackOneThatIsClosedWithout) {
  EXPECT_EQ(body("/reader/transaction?a=1&b=2&rollback=1"), "a=1\nb=2\n");
  EXPECT_EQ(fake.get("/reader/get?key=a").status, 404);
  EXPECT_EQ(body("/reader/transaction?a=3&b=4"), "a=3\nb=4\n");
  EXPECT_EQ(body("/reader/get?key=b"), "4");
  EXPECT_EQ(fake.services().leases(), 0U);
}

TEST_F(StoreTest, TellsSubscribersOfChangesUntilTheyUnsubscribe) {
  const std::string token = body("/reader/subscribe?prefix=a");
  body("/reader/put?key=a1&value=x");
  body("/reader/put?key=b&value=x");
  body("/reader/add?key=a2&by=1");
  body("/reader/transaction?a=5&b=6");
  body("/reader/remove?key=a1");
  EXPECT_EQ(body("/reader/events"), "a1=x\na2=1\na=5\na1\n");
  EXPECT_EQ(body("/reader/unsubscribe?token=" + token), "ok");
  EXPECT_EQ(fake.get("/reader/unsubscribe?token=" + token).status, 404);
  body("/reader/put?key=a1&value=y");
  EXPECT_EQ(body("/reader/events"), "a1=x\na2=1\na=5\na1\n");
  EXPECT_EQ(fake.services().callbacks(), 0U);
}

TEST_F(StoreTest, ForgetsTheCallbacksOfAReaderThatLeft) {
  body("/reader/subscribe?prefix=");
  body("/reader/loader?prefix=");
  EXPECT_EQ(body("/reader/get?key=x"), "loaded:x");
  consumer.emplace(fake.load<reader::Reader>());
  EXPECT_EQ(fake.get("/reader/get?key=x").status, 404);
  EXPECT_EQ(fake.get("/reader/put?key=x&value=1").status, 200);
  EXPECT_EQ(
      body("/store/info"),
      R"({"version": "1.0.0", "size": 2, "sealed": false, "subscriptions": 0, "waiting": 0, "accepted": 0, "leases": 0})");
}

TEST_F(StoreTest, ScansInOrder) {
  body("/reader/transaction?a=1&b=2");
  EXPECT_EQ(body("/reader/scan?from=a&to=c"), "a=1\nb=2\n");
  EXPECT_EQ(body("/reader/scan?from=b"), "b=2\nreader/started=1.0.0\n");
  EXPECT_EQ(body("/reader/scan?from=z"), "");
  EXPECT_EQ(fake.services().leases(), 0U);
  EXPECT_EQ(fake.services().waits(), 0U);
}

TEST_F(StoreTest, EndsAWaitWhenTheKeyComes) {
  const auto& awaited = fake.get("/reader/wait?key=k");
  const auto& called = fake.get("/reader/wait-callback?key=k");
  EXPECT_EQ(awaited.status, 0);
  body("/reader/put?key=k&value=v");
  EXPECT_EQ(awaited.body, "v");
  EXPECT_EQ(called.body, "v");
  EXPECT_EQ(body("/reader/wait?key=k"), "v");
  EXPECT_EQ(body("/reader/wait-blocking?key=k&timeout_ms=0"), "v");
  EXPECT_EQ(body("/reader/wait-callback?key=k"), "v");
  EXPECT_EQ(fake.services().waits(), 0U);
}

TEST_F(StoreTest, EndsAWaitThatIsCancelled) {
  EXPECT_EQ(body("/reader/cancel"), std::to_string(REVENGE_CANCELLED));
  EXPECT_EQ(fake.services().waits(), 0U);
}

TEST_F(StoreTest, EndsWaitsWithGoneWhenItStops) {
  const auto& awaited = fake.get("/reader/wait?key=k");
  const auto& called = fake.get("/reader/wait-callback?key=k");
  provider.reset();
  EXPECT_EQ(awaited.status, 410);
  EXPECT_EQ(called.body, "gone: the store has stopped");
}

TEST_F(StoreTest, SealedByASaveItGoesOnInAnotherWithEverything) {
  const std::string token = body("/reader/subscribe?prefix=n");
  body("/reader/loader?prefix=l/");
  body("/reader/add?key=n&by=7");
  const auto state = (*provider)->save();
  ASSERT_TRUE(state);
  EXPECT_EQ(fake.get("/reader/add?key=n&by=1").status, 503);
  EXPECT_EQ(fake.get("/reader/transaction?a=1&b=2").status, 503);
  EXPECT_EQ(body("/reader/get?key=n"), "7");
  auto next = fake.load<Store>();
  ASSERT_TRUE(next.restore(*state, "1.0.0"));
  EXPECT_EQ(body("/reader/add?key=n&by=1"), "8");
  EXPECT_EQ(body("/reader/events"), "n=7\nn=8\n");
  EXPECT_EQ(body("/reader/get?key=l/1"), "loaded:l/1");
  EXPECT_EQ(body("/reader/unsubscribe?token=" + token), "ok");
}

TEST_F(StoreTest, StoppedAfterASaveAndStartedAgainItServesOn) {
  tested.owns = Owns::kFolder;
  body("/reader/add?key=n&by=7");
  ASSERT_TRUE((*provider)->save());
  ASSERT_TRUE((*provider)->stop());
  ASSERT_TRUE((*provider)->start());
  EXPECT_EQ(body("/reader/add?key=n&by=1"), "8");
}

TEST_F(StoreTest, ResumedAfterASaveItServesOn) {
  body("/reader/add?key=n&by=7");
  ASSERT_TRUE((*provider)->save());
  provider->raw().resume(provider->raw().self);
  EXPECT_EQ(body("/reader/add?key=n&by=1"), "8");
}

TEST_F(StoreTest, OwnsItsFolderAlone) {
  tested.owns = Owns::kFolder;
  ASSERT_TRUE((*provider)->start());
  const auto second = fake.tryLoad<Store>();
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().message.contains("another instance of the store works in this folder"));
  ASSERT_TRUE((*provider)->stop());
  EXPECT_TRUE(fake.tryLoad<Store>());
}

TEST_F(StoreTest, FillsItselfOnceWhenNothingWasRestored) {
  consumer.reset();
  provider.emplace(fake.load<Store>(R"({"fill_kib": 3})"));
  EXPECT_EQ((*provider)->count(), 3U);
  ASSERT_TRUE((*provider)->start());
  EXPECT_EQ((*provider)->count(), 3U);
}

TEST_F(StoreTest, FailsWhereItsPackageSays) {
  tested.failsIn = Phase::kSave;
  EXPECT_FALSE(provider->save());
  EXPECT_EQ(fake.get("/reader/put?key=a&value=1").status, 200);
  tested.failsIn = Phase::kHealth;
  EXPECT_FALSE(provider->health());
  for (const Phase phase : {Phase::kCreate, Phase::kStart}) {
    tested.failsIn = phase;
    EXPECT_FALSE(fake.tryLoad<Store>());
  }
}

TEST_F(StoreTest, RefusesALeaseOfAnotherKind) {
  const Call call = (*provider)->callOf(&nobody);
  const revenge_handle cursor = *(*provider)->scanOpen(call, "", "");
  EXPECT_THROW(std::ignore = (*provider)->commit(call, cursor), revenge::Failure);
  revenge_buffer batch{};
  EXPECT_THROW(std::ignore = (*provider)->scanNext(call, *(*provider)->begin(call), batch, 0),
               revenge::Failure);
}

TEST_F(StoreTest, ServesAReaderInC) {
  auto loaded = fake.tryLoad(reader_c_entry);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(body("/reader-c/put?key=a&value=1"), "ok");
  EXPECT_EQ(body("/reader-c/get?key=a"), "1");
  EXPECT_EQ(fake.get("/reader-c/get?key=none").status, 404);
  EXPECT_NE(body("/reader-c/subscribe?prefix="), "");
  EXPECT_EQ(body("/reader-c/add?key=a&by=-3"), "-2");
  EXPECT_EQ(body("/reader-c/transaction?a=1&b=2&rollback=1"), "ok");
  EXPECT_EQ(body("/reader-c/transaction?a=3&b=4"), "ok");
  EXPECT_EQ(body("/reader-c/events"), "a=-2\na=3\nb=4\n");
  const auto& waiting = fake.get("/reader-c/wait?key=late");
  EXPECT_EQ(waiting.status, 0);
  body("/reader-c/put?key=late&value=here");
  EXPECT_EQ(waiting.body, "here");
  EXPECT_EQ(body("/reader-c/wait?key=late"), "here");
  EXPECT_EQ(fake.services().leases(), 0U);
  EXPECT_EQ(fake.services().waits(), 0U);
  EXPECT_EQ(fake.services().entered(), 0);
}

}  // namespace
}  // namespace store
