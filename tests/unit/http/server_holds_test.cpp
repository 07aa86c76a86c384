// Requests that wait at the head, or are answered for a plugin that is away.
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

class ServerHolds : public ServerTest {
 protected:
  void serve() {
    facet_ = domain_.generations().facet<Router>();
    server_ = std::make_unique<Server>(
        Server::Parts{reactor_, lanes_, domain_, scheduler_, log_.log(), log_.metrics()}, options_, *facet_);
    address_ = *server_->listenTcp("127.0.0.1", 0);
    publish();
  }
  void publish() {
    ASSERT_TRUE(domain_.build().set(*facet_, *Router::build(routes_, middleware_)).publish());
    server_->routesChanged();
  }
  Owner away() const { return {.plugin = plugin().plugin}; }

  std::optional<service::Facet<Router>> facet_;
};

TEST_F(ServerHolds, RequestsAtTheHeadUntilAnotherGenerationLetsThemIn) {
  addText("/a", "here");
  addText("/b", "free");
  routes_.front().owner.held = true;
  serve();
  Client waiting = connect();
  waiting.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(connect().get("/b").body, "free");
  publish();  // held still
  routes_.front().owner.held = false;
  publish();
  EXPECT_EQ(waiting.read().body, "here");
}

TEST_F(ServerHolds, NoLeaseForARequestThatWaits) {
  addText("/a", "here");
  addText("/b", "free");
  routes_.front().owner.held = true;
  serve();
  Client waiting = connect();
  waiting.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(connect().get("/b").body, "free");
  EXPECT_TRUE(
      domain_.instances().awaitCalls(instance_, base::SystemClock().now() + std::chrono::seconds(20)));
  waiting.close();
  EXPECT_EQ(connect().get("/b").body, "free");
}

TEST_F(ServerHolds, RequestsForAnAbsentPluginAsLongAsTheirRouteSays) {
  using std::chrono::milliseconds;
  routes_.push_back({.pattern = "/soon",
                     .owner = away(),
                     .absence = Absence::kWait,
                     .absence_wait = std::chrono::seconds(30)});
  routes_.push_back(
      {.pattern = "/never", .owner = away(), .absence = Absence::kWait, .absence_wait = milliseconds(30)});
  serve();
  auto answered = std::async(std::launch::async, [this] { return connect().get("/never"); });
  advanceUntil([&] { return answered.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready; });
  const Reply refused = answered.get();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("Retry-After"), "1");
  Client soon = connect();
  soon.send("GET /soon HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(connect().get("/none").status, 404);
  routes_.clear();
  addText("/soon", "back");
  publish();
  EXPECT_EQ(soon.read().body, "back");
}

TEST_F(ServerHolds, TheLastGoodAnswerOfAnAbsentPluginForNobodyInParticular) {
  addText("/a", "good");
  routes_.front().absence = Absence::kLastGood;
  serve();
  EXPECT_EQ(connect().get("/a").body, "good");
  EXPECT_EQ(connect().get("/a?mine", "Cookie: me\r\n").body, "good");
  routes_.front().owner = away();
  routes_.front().handle = {};
  publish();
  const Reply kept = connect().get("/a");
  EXPECT_EQ(kept.status, 200);
  EXPECT_EQ(kept.body, "good");
  EXPECT_NE(kept.field("Warning"), "");
  EXPECT_EQ(connect().get("/a", "Authorization: me\r\n").status, 503);
  EXPECT_EQ(connect().get("/a?mine").status, 503);
  EXPECT_EQ(connect().get("/a?other").status, 503);
}

}  // namespace
}  // namespace revenge::http
