// Log, metrics, clock, paths, calls, hooks.
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct CapabilitiesTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
};

TEST_F(CapabilitiesTest, LogsTypedAttributes) {
  host.log().warn("scan",
                  {{"files", 7}, {"took", 2ms}, {"path", std::string("/a")}, {"ok", true}, {"rate", 0.5}});
  const testing::LogLine line = fake.logged().at(0);
  EXPECT_EQ(line.level, static_cast<std::uint32_t>(REVENGE_LOG_WARN));
  EXPECT_EQ(
      line.attributes,
      (std::map<std::string, std::string>{
          {"files", "7"}, {"took", "2000000ns"}, {"path", "/a"}, {"ok", "true"}, {"rate", "0.500000"}}));
}

TEST_F(CapabilitiesTest, CarriesTheAttributesOfABoundLoggerAndTheRequest) {
  {
    const BoundLog bound = host.log().bind({{"room", "a"}});
    const BoundLog nested = bound.bind({{"shelf", 1}});
    host.http().get("/", [&](const Request& request) {
      nested.during(request.call()).info("asked");
      return empty();
    });
    fake.get("/");
    EXPECT_EQ(fake.log().loggers(), 2U);
  }
  EXPECT_EQ(fake.logged().at(0).attributes.at("room"), "a");
  EXPECT_EQ(fake.logged().at(0).attributes.at("shelf"), "1");
  EXPECT_EQ(fake.logged().at(0).requestId, "test-1");
  EXPECT_EQ(fake.log().loggers(), 0U);
}

TEST_F(CapabilitiesTest, LogsGroupsWithinGroupsAndOpensOne) {
  host.log().info("disk", {{"raid", {{"free", 12}, {"disks", {{"a", "ok"}}}, {"used", 3}}}, {"after", 1}});
  EXPECT_EQ(fake.logged().at(0).attributes,
            (std::map<std::string, std::string>{
                {"raid.free", "12"}, {"raid.disks.a", "ok"}, {"raid.used", "3"}, {"after", "1"}}));
  const BoundLog outer = host.log().group("G");
  const BoundLog inner = outer.bind({{"c", "d"}}).group("H");
  inner.info("m", {{"e", "f"}});
  EXPECT_EQ(fake.logged().at(1).attributes,
            (std::map<std::string, std::string>{{"G.c", "d"}, {"G.H.e", "f"}}));
}

TEST_F(CapabilitiesTest, CountsBySeriesAndContinuesAnExistingOne) {
  host.metrics().counter("hits_total", "Hits.", {{"kind", "a"}}).add();
  host.metrics().counter("hits_total", "Hits.", {{"kind", "a"}}).add(2);
  const Gauge gauge = host.metrics().gauge("open", "Open.");
  gauge.set(5);
  gauge.add(-2);
  host.metrics().histogram("took_seconds", "Took.").observe(0.1);
  EXPECT_EQ(fake.metric(R"(hits_total{kind="a"})"), 3);
  EXPECT_EQ(fake.metric("open"), 3);
  EXPECT_EQ(fake.metric("took_seconds"), 1);
  EXPECT_THROW(host.metrics().gauge("took_seconds", "Taken."), Failure);
}

TEST_F(CapabilitiesTest, ReadsTheClockTheTestMoves) {
  const auto before = host.clock().now();
  const auto wall = host.clock().wall();
  fake.clock().advance(90s);
  EXPECT_EQ(host.clock()() - before, 90s);
  EXPECT_EQ(host.clock().wall() - wall, 90s);
}

TEST_F(CapabilitiesTest, GivesFoldersThatExist) {
  EXPECT_TRUE(std::filesystem::is_directory(host.paths().state()));
  EXPECT_NE(host.paths().state(), host.paths().cache());
}

TEST_F(CapabilitiesTest, NarrowsTheDeadlineOfACallAndNeverWidensIt) {
  const auto now = host.clock().now();
  const NearerCall near(host, host.call(), now + 5s);
  const NearerCall wider(host, near, now + 9s);
  EXPECT_EQ(Call(near).deadline(), now + 5s);
  EXPECT_EQ(Call(wider).deadline(), now + 5s);
  EXPECT_EQ(host.call().deadline(), std::nullopt);
}

TEST_F(CapabilitiesTest, AsksWhetherAnybodyStillWaits) {
  EXPECT_FALSE(host.call().cancelled());
  fake.cancelCalls();
  EXPECT_EQ(host.call().check().error().code, Errc::kCancelled);
}

TEST_F(CapabilitiesTest, RunsShutdownHooksByPriorityAndReportsTheFirstFailure) {
  std::string order;
  host.spawn().onShutdown("flush", [&] { order += "2"; }, {.priority = 20});
  host.spawn().onShutdown("drain",
                          [&](const Call&) -> Status {
                            order += "1";
                            return fail(Errc::kTimedOut, "3 sessions left");
                          },
                          {.priority = 10});
  EXPECT_EQ(fake.shutdown().error().message, "3 sessions left");
  EXPECT_EQ(order, "12");
}

TEST_F(CapabilitiesTest, AnswersGoneAfterTheInstanceHasLeft) {
  auto other = fake.load<Wired>();
  const revenge_host* raw = other->host().raw();
  const auto* timers = other->host().query<revenge_timer>(REVENGE_TIMER_ID);
  other.unload();
  const auto job = boundary::sized<revenge_job>();
  revenge_handle handle = 0;
  EXPECT_EQ(timers->start(raw, 1, 0, &job, &handle, nullptr), REVENGE_GONE);
}

TEST_F(CapabilitiesTest, SaysWhichTableAHostDoesNotOffer) {
  auto api = boundary::sized<revenge_host_api>();
  api.query = [](const revenge_host*, revenge_view) -> const void* { return nullptr; };
  Host bare(api);
  bare.log().info("nobody hears it");
  try {
    bare.metrics().counter("x_total", "X.");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, Errc::kUnavailable);
    EXPECT_STREQ(failure.what(), "this host does not offer revenge.metrics/1");
  }
}

}  // namespace
}  // namespace revenge
