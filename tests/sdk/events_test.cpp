// Events as a plugin publishes them and is told of them.
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct EventsTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
  std::vector<std::string> told;

  auto note() {
    return [this](const ReceivedEvent& event) { told.emplace_back(event.kind()); };
  }
};

TEST_F(EventsTest, ComeWithEverythingThatWasPublished) {
  std::string seen;
  host.events().on({"catalogue.added"}, [&](const ReceivedEvent& event) {
    seen = std::string(event.source()) + " " + std::string(event.text()) + " " +
           std::string(event.attribute("film")) + " " + std::string(event.payload());
  });
  ASSERT_TRUE(host.events().publish({.kind = "catalogue.added",
                                     .text = "Ran",
                                     .attributes = {{"film", "7"}},
                                     .payload = "{\"year\": 1985}"}));
  EXPECT_EQ(seen, "") << "nobody is told on the publisher's thread";
  fake.runJobs();
  EXPECT_EQ(seen, "plugin Ran 7 {\"year\": 1985}");
}

TEST_F(EventsTest, AreChosenByKindAndByTheBeginningOfOne) {
  host.events().on({"flag.", "catalogue.added"}, note());
  for (const char* kind : {"flag.changed", "flags.changed", "catalogue.added", "catalogue.added.late"})
    fake.publish({.kind = kind});
  EXPECT_EQ(told, (std::vector<std::string>{"flag.changed", "catalogue.added"}));
}

TEST_F(EventsTest, ThatAreTooManyForTheQueueAreCountedAndTheOldestGo) {
  std::vector<std::uint64_t> missed;
  host.events().on({}, [&](const ReceivedEvent& event) { missed.push_back(event.missed()); }, 2);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(host.events().publish({.kind = "a.b"}));
  fake.runJobs();
  EXPECT_EQ(missed, (std::vector<std::uint64_t>{3, 0}));
}

TEST_F(EventsTest, PublishedInAHandlerGoOneHopFurtherUntilTheyAreRefused) {
  Status last;
  std::uint32_t furthest = 0;
  host.events().on({"ping.pong"}, [&](const ReceivedEvent& event, const Call& call) {
    furthest = event.hops();
    last = host.events().publish(call, {.kind = "ping.pong"});
  });
  fake.publish({.kind = "ping.pong"});
  EXPECT_EQ(furthest, REVENGE_MAX_EVENT_HOPS);
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Errc::kRefused);
}

TEST_F(EventsTest, OfTheHostAreNotAPluginsToPublish) {
  EXPECT_EQ(host.events().publish({.kind = "plugin.state"}).error().code, Errc::kRefused);
  EXPECT_EQ(host.events().publish({.kind = "word"}).error().code, Errc::kInvalid);
}

TEST_F(EventsTest, EndWithTheSubscriptionAlsoFromWithinIt) {
  EventSubscription kept = host.events().on({}, note());
  fake.publish({.kind = "a.b"});
  kept.end();
  fake.publish({.kind = "a.c"});
  EXPECT_EQ(told, (std::vector<std::string>{"a.b"}));
  kept = host.events().on({}, [&](const ReceivedEvent& event) {
    told.emplace_back(event.kind());
    kept.end();
  });
  fake.publish({.kind = "a.d"});
  fake.publish({.kind = "a.e"});
  EXPECT_EQ(told, (std::vector<std::string>{"a.b", "a.d"}));
}

TEST_F(EventsTest, AThrowingHandlerIsLoggedAndTheNextEventComes) {
  int runs = 0;
  host.events().on({}, [&](const ReceivedEvent&) {
    if (++runs == 1) throw std::runtime_error("cannot read it");
  });
  fake.publish({.kind = "a.b"});
  fake.publish({.kind = "a.c"});
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(fake.hasLogged("cannot read it"));
}

}  // namespace
}  // namespace revenge
