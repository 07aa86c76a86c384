#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::Ask;
using testing::FakeHost;
using testing::Reply;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct HttpLimitsTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Http http = plugin->host().http();
  std::vector<Ended> ends;

  void hearEnds() {
    http.onEnded([this](const Ended& ended) { ends.push_back(ended); });
    http.before("tags", [](const Request& request) -> Result<std::optional<Response>> {
      if (const Status asked = request.tellEnd(7); !asked) return std::unexpected(asked.error());
      return std::nullopt;
    });
  }
  void serve() {
    http.get("/", [](const Request&) { return text("served"); });
    http.post("/", [](const Request& request) { return text(std::string(request.body())); });
  }
};

TEST_F(HttpLimitsTest, SaysWhenARequestCameAndHowLongItsPluginLetsWait) {
  const auto now = fake.clock().now();
  http.get("/", [&](const Request& request) {
    EXPECT_EQ(request.receivedAt(), now);
    EXPECT_EQ(request.queueDelay(), 30ms);
    EXPECT_EQ(request.queue(), 2u);
    return empty();
  });
  EXPECT_EQ(fake.send({.target = "/", .queueDelay = 30ms, .queue = 2}).status, 204);
}

TEST_F(HttpLimitsTest, KnowsNothingOfWhatAnOlderHostDoesNotFill) {
  auto older = boundary::sized<revenge_http_request>();
  older.size = offsetof(revenge_http_request, received_ns);
  older.received_ns = older.queue_delay_ns = 4711;
  older.queue = 4711;
  const revenge_http_request copy = boundary::known(older);
  const Request request(plugin->host(), nullptr, copy);
  EXPECT_EQ(request.receivedAt(), fake.clock().now());
  EXPECT_EQ(request.queueDelay(), 0ns);
  EXPECT_EQ(request.queue(), 0u);
}

TEST_F(HttpLimitsTest, HoldsABodyToTheLimitOfItsRequest) {
  serve();
  http.before("limits", [](const Request& request) -> Result<std::optional<Response>> {
    EXPECT_TRUE(request.limit({.bodyBytes = 3}));
    EXPECT_TRUE(request.limit({.bodyBytes = 5}));
    return std::nullopt;
  });
  EXPECT_EQ(fake.post("/", "abc").body, "abc");
  EXPECT_EQ(fake.post("/", "abcd").status, 413);
}

TEST_F(HttpLimitsTest, LetsAWaitingRequestGoOn) {
  serve();
  std::optional<Resumer> waiting;
  http.before("waits", [&](const Request&, Resumer resumer) { waiting.emplace(std::move(resumer)); });
  const Reply& reply = fake.get("/");
  EXPECT_EQ(reply.status, 0);
  EXPECT_TRUE(waiting->goOn());
  fake.runJobs();
  EXPECT_EQ(reply.body, "served");
}

TEST_F(HttpLimitsTest, GoesOnAtOnceWhenMiddlewareLetsItGoByItself) {
  serve();
  http.before("passes", [](const Request&, Resumer resumer) { EXPECT_TRUE(resumer.goOn()); });
  EXPECT_EQ(fake.get("/").body, "served");
}

TEST_F(HttpLimitsTest, AnswersAWaitingRequestInPlaceOfItsRoute) {
  serve();
  http.before("refuses", [](const Request&, Resumer resumer) {
    EXPECT_TRUE(resumer.answer(text("too many").withStatus(429)));
  });
  EXPECT_EQ(fake.get("/").status, 429);
}

TEST_F(HttpLimitsTest, AnswersFiveHundredWhenARequestIsForgotten) {
  serve();
  http.before("forgets", [](const Request&, Resumer) {});
  EXPECT_EQ(fake.get("/").status, 500);
}

TEST_F(HttpLimitsTest, EndsWhatWaitsBeyondItsDeadline) {
  serve();
  std::optional<Resumer> waiting;
  http.before("waits", [&](const Request& request, Resumer resumer) {
    EXPECT_TRUE(request.limit({.deadline = fake.clock().now() + 10ms}));
    waiting.emplace(std::move(resumer));
  });
  const Reply& reply = fake.get("/");
  fake.advance(9ms);
  EXPECT_EQ(reply.status, 0);
  fake.advance(1ms);
  EXPECT_EQ(reply.status, 504);
  EXPECT_EQ(waiting->goOn().error().code, Errc::kGone);
}

TEST_F(HttpLimitsTest, TellsTheEndOnceWithWhatWasSent) {
  hearEnds();
  serve();
  fake.get("/");
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].tag, 7U);
  EXPECT_EQ(ends[0].status, 200U);
  EXPECT_EQ(ends[0].bytesSent, 6U);
  EXPECT_EQ(ends[0].answeredAt, fake.clock().now());
  EXPECT_TRUE(ends[0].complete);
}

TEST_F(HttpLimitsTest, TellsTheEndOfARequestWhoseClientLeft) {
  hearEnds();
  std::optional<Responder> later;
  http.get("/", [&](const Request&, Responder responder) { later.emplace(std::move(responder)); });
  const Reply& reply = fake.get("/");
  EXPECT_TRUE(ends.empty());
  fake.http().leave(reply);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, 0U);
  EXPECT_EQ(ends[0].answeredAt, std::nullopt);
  EXPECT_FALSE(ends[0].complete);
}

TEST_F(HttpLimitsTest, RefusesToTellOneEndTwice) {
  hearEnds();
  serve();
  http.before("again",
              [](const Request& request) -> Result<std::optional<Response>> {
                EXPECT_EQ(request.tellEnd(8).error().code, Errc::kExists);
                return std::nullopt;
              },
              {.order = 1});
  fake.get("/");
  EXPECT_EQ(ends.size(), 1U);
}

// A host whose table ends before a function, as one from before it.
struct OlderHost {
  explicit OlderHost(std::size_t size) {
    table.size = static_cast<std::uint32_t>(size);
    api.host = reinterpret_cast<const revenge_host*>(this);
    api.query = [](const revenge_host* host, revenge_view id) -> const void* {
      return boundary::text(id) == REVENGE_HTTP_ID ? &reinterpret_cast<const OlderHost*>(host)->table
                                                   : nullptr;
    };
  }
  revenge_http table = boundary::sized<revenge_http>();
  revenge_host_api api = boundary::sized<revenge_host_api>();
};

TEST(HttpOfAnOlderHostTest, SaysWhatItCannotDo) {
  OlderHost older(offsetof(revenge_http, limit));
  Host host(older.api);
  const auto raw = boundary::sized<revenge_http_request>();
  const Request request(host, nullptr, raw);
  EXPECT_EQ(request.limit({}).error().code, Errc::kUnavailable);
  EXPECT_EQ(request.tellEnd(1).error().code, Errc::kUnavailable);
  EXPECT_THROW(host.http().onEnded([](const Ended&) {}), Failure);
  EXPECT_THROW(host.http().before("waits", [](const Request&, Resumer) {}), Failure);
}

}  // namespace
}  // namespace revenge
